using BackupGuard.Agent.Drills;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Agent.Tests.Drills;

public sealed class VolumeTurns : IDisposable
{
    private readonly TestFolder _disk = new();

    public void Dispose() => _disk.Dispose();

    [Fact]
    public async Task Two_drills_never_work_on_one_volume_and_the_second_begins_when_the_first_has_ended()
    {
        var first = await VolumeTurn.TakeAsync(_disk.Path, TimeProvider.System, default);
        var second = VolumeTurn.TakeAsync(_disk.Path, TimeProvider.System, default);
        await Task.Delay(1500);
        second.IsCompleted.Should().BeFalse();
        first.Dispose();
        (await second.WaitAsync(TimeSpan.FromSeconds(30))).Dispose();
        Directory.EnumerateFileSystemEntries(_disk.Path).Should().BeEmpty();
    }

    [Fact]
    public async Task Whoever_is_cancelled_waits_no_longer()
    {
        using var first = await VolumeTurn.TakeAsync(_disk.Path, TimeProvider.System, default);
        using var cancel = new CancellationTokenSource();
        var second = VolumeTurn.TakeAsync(_disk.Path, TimeProvider.System, cancel.Token);
        await cancel.CancelAsync();
        await FluentActions.Awaiting(() => second).Should().ThrowAsync<OperationCanceledException>();
    }
}
