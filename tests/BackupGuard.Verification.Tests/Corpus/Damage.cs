namespace BackupGuard.Verification.Tests.Corpus;

/// <summary>One thing done to the files of a backup.</summary>
internal abstract record Damage
{
    public abstract void Apply(string vector, string backup);

    public sealed record Flip(string File, long At, byte Mask) : Damage
    {
        public override void Apply(string vector, string backup)
        {
            if (Mask == 0) throw new InvalidOperationException("a flip with mask 0 changes nothing");
            using var file = System.IO.File.Open(Path.Combine(backup, File), FileMode.Open, FileAccess.ReadWrite);
            file.Position = At < 0 ? file.Length + At : At;
            var b = file.ReadByte();
            if (b < 0) throw new InvalidOperationException($"{File} ends before {At}");
            file.Position--;
            file.WriteByte((byte)(b ^ Mask));
        }
    }

    public sealed record Truncate(string File, long To) : Damage
    {
        public override void Apply(string vector, string backup)
        {
            using var file = System.IO.File.Open(Path.Combine(backup, File), FileMode.Open, FileAccess.ReadWrite);
            var length = To < 0 ? file.Length + To : To;
            if (length >= file.Length) throw new InvalidOperationException($"{File} is not longer than {To}");
            file.SetLength(length);
        }
    }

    public sealed record Delete(string Path) : Damage
    {
        public override void Apply(string vector, string backup)
        {
            var path = System.IO.Path.Combine(backup, Path);
            if (Directory.Exists(path)) Directory.Delete(path, recursive: true);
            else if (System.IO.File.Exists(path)) System.IO.File.Delete(path);
            else throw new InvalidOperationException($"{Path} is not there to be deleted");
        }
    }

    public sealed record Append(string File, byte[] Bytes) : Damage
    {
        public override void Apply(string vector, string backup)
        {
            using var file = System.IO.File.Open(Path.Combine(backup, File), FileMode.Open, FileAccess.Write);
            file.Seek(0, SeekOrigin.End);
            file.Write(Bytes);
        }
    }

    public sealed record Put(string File, string From) : Damage
    {
        public override void Apply(string vector, string backup)
        {
            var to = Path.Combine(backup, File);
            Directory.CreateDirectory(Path.GetDirectoryName(to)!);
            System.IO.File.Copy(Path.Combine(vector, From), to, overwrite: true);
        }
    }

    public sealed record Copy(string From, string To) : Damage
    {
        public override void Apply(string vector, string backup)
        {
            var to = Path.Combine(backup, To);
            Directory.CreateDirectory(Path.GetDirectoryName(to)!);
            File.Copy(Path.Combine(backup, From), to, overwrite: true);
        }
    }

    public sealed record Move(string From, string To) : Damage
    {
        public override void Apply(string vector, string backup)
        {
            var to = Path.Combine(backup, To);
            Directory.CreateDirectory(Path.GetDirectoryName(to)!);
            File.Move(Path.Combine(backup, From), to);
        }
    }
}
