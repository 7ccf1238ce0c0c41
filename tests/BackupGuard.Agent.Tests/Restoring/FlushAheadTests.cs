using BackupGuard.Agent.Restoring;
using BackupGuard.Verification.Restoring;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Agent.Tests.Restoring;

public sealed class FlushAheadTests
{
    private const int InputOutputError = 5;

    [Fact]
    public void A_write_that_failed_behind_our_back_is_told_at_the_end_although_the_system_tells_it_once()
    {
        var answers = new Queue<int>([0, InputOutputError, 0]);
        var flush = new FlushAhead(() => answers.Dequeue());
        for (var i = 0; i < 2; i++)
        {
            Write(flush, FlushAhead.EveryBytes);
            flush.Wait();
        }

        flush.Finish().Should().Be(InputOutputError);

        answers.Should().BeEmpty("what was written last is flushed too");
    }

    [Fact]
    public async Task Only_one_flush_is_under_way_however_many_write_and_nobody_waits_for_it()
    {
        using var held = new ManualResetEventSlim();
        using var entered = new SemaphoreSlim(0);
        var (running, most, calls) = (0, 0, 0);
        var flush = new FlushAhead(() =>
        {
            most = Math.Max(most, Interlocked.Increment(ref running));
            calls++;
            entered.Release();
            held.Wait();
            Interlocked.Decrement(ref running);
            return 0;
        });
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => Write(flush, 2 * FlushAhead.EveryBytes))));
        (await entered.WaitAsync(TimeSpan.FromSeconds(30))).Should().BeTrue("the first began while they wrote");
        held.Set();

        flush.Finish().Should().Be(0);

        (most, calls).Should().Be((1, 2), "one beside the writing, one at the end");
    }

    [Fact]
    public async Task A_restore_that_is_given_up_waits_for_the_flush_that_uses_its_folder()
    {
        if (!OperatingSystem.IsLinux()) return;
        var folder = Path.Combine(Path.GetTempPath(), $"backupguard-{Guid.NewGuid():n}");
        using var held = new ManualResetEventSlim();
        using var entered = new ManualResetEventSlim();
        var closedUnderWay = true;
        var target = DirectoryRestoreTarget.Create(folder, opened =>
        {
            entered.Set();
            held.Wait();
            closedUnderWay = opened.IsClosed;
            return 0;
        });
        RestorePath.Root.TryAppend("large"u8, out var path, out _).Should().BeTrue();
        using (var file = target.CreateFile(path, FlushAhead.EveryBytes))
        {
            var chunk = new byte[8 << 20];
            for (long at = 0; at < FlushAhead.EveryBytes; at += chunk.Length) file.Write(at, chunk);
        }
        entered.Wait(TimeSpan.FromSeconds(30)).Should().BeTrue("so much was written that a flush began");

        var given = Task.Run(async () => await target.DisposeAsync());
        (await Task.WhenAny(given, Task.Delay(50))).Should().NotBe(given, "a flush is still under way");
        held.Set();
        await given;

        closedUnderWay.Should().BeFalse();
        Directory.Exists(folder).Should().BeFalse("it was not there before");
    }

    [Fact]
    public async Task A_restore_whose_bytes_did_not_reach_the_disk_is_not_committed()
    {
        if (!OperatingSystem.IsLinux()) return;
        var folder = Path.Combine(Path.GetTempPath(), $"backupguard-{Guid.NewGuid():n}");
        await using var target = DirectoryRestoreTarget.Create(folder, _ => InputOutputError);
        RestorePath.Root.TryAppend("file"u8, out var path, out _).Should().BeTrue();
        using (var file = target.CreateFile(path, 1)) file.Write(0, [1]);

        var commit = async () => await target.CommitAsync();

        await commit.Should().ThrowAsync<RestoreException>();
        File.Exists(Path.Combine(folder, "file")).Should().BeFalse();
    }

    private static void Write(FlushAhead flush, long bytes)
    {
        for (long done = 0; done < bytes; done += 1 << 20) flush.Wrote(1 << 20);
    }
}
