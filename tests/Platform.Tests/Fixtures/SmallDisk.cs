using Platform.Persistence.Embedded;
using Xunit;

namespace Platform.Tests.Fixtures;

/// <summary>A file system of a few kilobytes in memory, which only root can mount.</summary>
internal sealed class SmallDisk : IAsyncDisposable
{
    private readonly string path;

    private SmallDisk(string path) => this.path = path;

    public static async Task<SmallDisk> MountAsync(string path, int kilobytes)
    {
        Directory.CreateDirectory(path);
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "Only root can mount a small disk.");
        await RunTool.ReadAsync(["mount", "-t", "tmpfs", "-o", $"size={kilobytes}k", "tmpfs", path], TestContext.Current.CancellationToken);
        return new SmallDisk(path);
    }

    public async ValueTask DisposeAsync() => await RunTool.ReadAsync(["umount", path], CancellationToken.None);
}
