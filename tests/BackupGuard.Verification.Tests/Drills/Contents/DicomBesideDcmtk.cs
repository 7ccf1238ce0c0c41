using BackupGuard.Verification.Drills.Contents;
using BackupGuard.Verification.Drills.Contents.Dicom;
using FluentAssertions;
using Xunit;
using Xunit.Abstractions;

namespace BackupGuard.Verification.Tests.Drills.Contents;

/// <summary>Our reader beside dcmtk's, on what dcmtk wrote and on damage of it. Ours may be stricter; what dcmtk cannot read must not be good to us.</summary>
public sealed class DicomBesideDcmtk(ITestOutputHelper output) : IDisposable
{
    /// <summary>Where the sequence of the sample lies in implicit VR: without a dictionary it is any value, and damage inside it is not seen (README).</summary>
    private static bool IsUnseen(byte[] file, int at)
    {
        var from = file.AsSpan().IndexOf((byte[])[8, 0, 0x40, 0x11]) + 8;
        return at >= from && at < from + BitConverter.ToInt32(file, from - 4);
    }

    private readonly DicomSamples _samples = new();

    public void Dispose() => _samples.Dispose();

    private static bool IsWhole(byte[] file)
    {
        try
        {
            return DicomReader.Read(new MemoryStream(file), default).Elements > 0;
        }
        catch (BrokenContentException)
        {
            return false;
        }
    }

    [Fact]
    public void Everything_that_dcmtk_writes_is_read_with_its_study_instance_and_modality()
    {
        _samples.Files.Keys.Should().HaveCountGreaterThan(8).And.Contain((string[])["deflated", "big-endian", "jpeg", "rle", "implicit-undefined"]);
        _samples.WholeTo(_samples.Files).Should().BeEquivalentTo(_samples.Files.Keys);
        foreach (var (name, content) in _samples.Files)
        {
            var file = DicomReader.Read(new MemoryStream(content), default);
            (file.StudyUid, file.Modality, file.IsDirectory).Should().Be(name is "photo" or "jpeg" ? ("1.2.826.0.1.3680043.9.2.2", "OT", false) : ("1.2.826.0.1.3680043.9.2.1", "CT", false), name);
            file.InstanceUid.Should().StartWith("1.2.826.0.1.3680043.9.1.", name);
        }
    }

    [Fact]
    public void A_file_that_is_cut_anywhere_is_broken_to_us_wherever_it_is_to_dcmtk()
    {
        foreach (var (name, content) in _samples.Files)
        {
            var cut = Enumerable.Range(0, content.Length).Where(n => n % 4 == 0 || n > content.Length - 40).ToDictionary(n => $"{n:d6}", n => content[..n]);
            var whole = _samples.WholeTo(cut);
            var (wrong, ours) = (cut.Where(c => IsWhole(c.Value) && !whole.Contains(c.Key)).Select(c => c.Key).ToList(), cut.Count(c => IsWhole(c.Value)));
            output.WriteLine($"{name}: {cut.Count} cuts, whole to dcmtk {whole.Count}, to us {ours}");
            wrong.Should().BeEmpty(name);
            ours.Should().BeLessThan(whole.Count, "{0}: only cuts between two elements, after the object's name and before the size of its image, may pass", name);
        }
    }

    [Fact]
    public void A_bit_that_turned_is_seen_by_us_wherever_dcmtk_sees_it()
    {
        foreach (var (name, content) in _samples.Files)
        {
            // The preamble may hold anything.
            var turned = Enumerable.Range(128, content.Length - 128).Where(n => n % 3 != 1 && !(name == "implicit" && IsUnseen(content, n))).Select(n => (n, bit: n % 8)).ToDictionary(c => $"{c.n:d6}-{c.bit}", c =>
            {
                var copy = content.ToArray();
                copy[c.n] ^= (byte)(1 << c.bit);
                return copy;
            });
            var whole = _samples.WholeTo(turned);
            var wrong = turned.Where(t => IsWhole(t.Value) && !whole.Contains(t.Key)).Select(t => t.Key).ToList();
            output.WriteLine($"{name}: {turned.Count} bits, whole to dcmtk {whole.Count}, to us {turned.Count(t => IsWhole(t.Value))}; only to us: {string.Join(' ', wrong)}");
            wrong.Should().BeEmpty(name);
        }
    }
}
