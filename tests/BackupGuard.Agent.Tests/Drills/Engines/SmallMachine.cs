using System.Buffers.Binary;
using System.Text;

namespace BackupGuard.Agent.Tests.Drills.Engines;

/// <summary>What a machine does after it has written its text.</summary>
public enum Then { Idle, Restart, RestartLater }

/// <summary>Disks that boot: one with nothing but a boot sector, assembled here by hand, and one with a real Linux.</summary>
internal static class SmallMachine
{
    public const string Heartbeat = "BACKUPGUARD-HEARTBEAT";

    /// <summary>A raw disk whose first sector writes a text on COM1 and on the screen.</summary>
    public static byte[] BootSector(string text, Then then, int diskBytes = 1 << 20)
    {
        byte[] idle = [0xF4, 0xEB, 0xFD];                                                        // hlt; jmp back to it
        byte[] restart = [0xB0, 0xFE, 0xE6, 0x64, .. idle];                                      // mov al, FEh; out 64h, al: the keyboard controller pulls the reset line
        byte[] wait = [0xB4, 0x86, 0xB9, 0x0F, 0x00, 0xBA, 0x40, 0x42, 0xCD, 0x15];              // mov ah, 86h; mov cx:dx, 1,000,000 us; int 15h
        byte[] ending = then switch { Then.Idle => idle, Then.Restart => restart, _ => [.. wait, .. restart] };
        var message = 0x7C00 + 25 + ending.Length;
        byte[] code =
        [
            0x31, 0xC0,                                        //  0: xor ax, ax
            0x8E, 0xD8,                                        //  2: mov ds, ax
            0xBE, (byte)(message & 0xFF), (byte)(message >> 8), //  4: mov si, message
            0xAC,                                              //  7: lodsb
            0x84, 0xC0,                                        //  8: test al, al
            0x74, 0x0D,                                        // 10: jz 25
            0xBA, 0xF8, 0x03,                                  // 12: mov dx, 3F8h (COM1)
            0xEE,                                              // 15: out dx, al
            0xB4, 0x0E,                                        // 16: mov ah, 0Eh (write a character on the screen)
            0xBB, 0x07, 0x00,                                  // 18: mov bx, 7
            0xCD, 0x10,                                        // 21: int 10h
            0xEB, 0xEE,                                        // 23: jmp 7
            .. ending,
            .. Encoding.ASCII.GetBytes(text), 0,
        ];
        if (code.Length > 440) throw new ArgumentException("The text does not fit before the partition table.", nameof(text));
        var disk = new byte[diskBytes];
        code.CopyTo(disk, 0);
        (disk[510], disk[511]) = (0x55, 0xAA);
        return disk;
    }

    /// <summary>Gives it one partition.</summary>
    public static byte[] WithPartition(byte[] disk, uint firstSector, uint sectors)
    {
        disk[446 + 4] = 0x83;
        BinaryPrimitives.WriteUInt32LittleEndian(disk.AsSpan(446 + 8), firstSector);
        BinaryPrimitives.WriteUInt32LittleEndian(disk.AsSpan(446 + 12), sectors);
        return disk;
    }

    /// <summary>Debian's kernel, busybox and a script that says when it is up and answers as a guest agent does, started by syslinux from a FAT disk. No loop device is needed.</summary>
    /// <param name="kernel">Folder with the unpacked kernel package.</param>
    public static void Linux(string kernel, string folder)
    {
        var init = """
            #!/bin/busybox sh
            /bin/busybox mount -t proc proc /proc
            /bin/busybox mount -t devtmpfs dev /dev
            for module in virtio_ring virtio virtio_pci_modern_dev virtio_pci_legacy_dev virtio_pci virtio_console; do [ -f /$module.ko ] && /bin/busybox insmod /$module.ko; done
            echo "BACKUPGUARD-HEARTBEAT $(/bin/busybox uname -s)" > /dev/ttyS0
            /bin/busybox sleep 1
            [ -c /dev/vport0p1 ] || { while :; do /bin/busybox sleep 1; done; }
            exec 3<>/dev/vport0p1
            while :; do read -r question <&3 && echo '{"return": {}}' >&3; done
            """;
        File.WriteAllText(Path.Combine(folder, "init"), init.ReplaceLineEndings("\n"));
        using (var initrd = File.Create(Path.Combine(folder, "initrd"))) initrd.Write(Archive(kernel, Encoding.UTF8.GetBytes(init.ReplaceLineEndings("\n") + "\n")));
        File.WriteAllText(Path.Combine(folder, "syslinux.cfg"), "DEFAULT linux\nPROMPT 0\nLABEL linux\nKERNEL vmlinuz\nINITRD initrd\nAPPEND console=ttyS0 quiet panic=-1\n");
        TestFolder.Shell($"""
            truncate -s 32M linux.img
            mformat -i linux.img -t 64 -h 16 -s 63 -H 0 ::
            cp '{kernel}'/boot/vmlinuz-* vmlinuz
            mcopy -i linux.img syslinux.cfg vmlinuz initrd ::/
            syslinux --install linux.img
            """, folder);
    }

    /// <summary>The newc form of cpio, which the kernel unpacks.</summary>
    private static byte[] Archive(string kernel, byte[] init)
    {
        using var bytes = new MemoryStream();
        var number = 0;
        foreach (var folder in (string[])["bin", "dev", "proc"]) Add(folder, 0x41ED, []);
        Add("dev/console", 0x2180, [], 5, 1);
        Add("bin/busybox", 0x81ED, File.ReadAllBytes("/usr/bin/busybox"));
        Add("init", 0x81ED, init);
        foreach (var module in Directory.EnumerateFiles(Path.Combine(kernel, "lib/modules"), "virtio*.ko", SearchOption.AllDirectories)) Add(Path.GetFileName(module), 0x81A4, File.ReadAllBytes(module));
        Add("TRAILER!!!", 0, []);
        return bytes.ToArray();

        void Add(string name, int mode, byte[] content, int major = 0, int minor = 0)
        {
            var header = new StringBuilder("070701");
            foreach (var field in (int[])[++number, mode, 0, 0, 1, 0, content.Length, 0, 0, major, minor, name.Length + 1, 0]) header.Append(field.ToString("X8", System.Globalization.CultureInfo.InvariantCulture));
            bytes.Write(Encoding.ASCII.GetBytes(header + name + "\0"));
            Pad();
            bytes.Write(content);
            Pad();
        }

        void Pad() => bytes.Write(new byte[(4 - bytes.Length % 4) % 4]);
    }
}
