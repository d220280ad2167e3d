using System.Diagnostics;
using Platform.Storage;
using Platform.Tests.Fixtures;
using Xunit;

namespace Platform.Tests.Storage;

public sealed class SparseCopyTests : IDisposable
{
    private const int Size = 8 << 20;
    private readonly TempFolder folder = new();

    [Fact]
    public async Task A_copy_has_the_same_bytes_and_keeps_the_holes()
    {
        await using (var file = File.Create(folder["pack"]))
        {
            file.SetLength(Size);
            file.Position = Size / 2;
            await file.WriteAsync("in the middle"u8.ToArray(), TestContext.Current.CancellationToken);
        }

        await File.WriteAllTextAsync(folder["copy"], new string('x', 100), TestContext.Current.CancellationToken);
        SparseCopy.Run(folder["pack"], folder["copy"]);

        Assert.Equal(
            await File.ReadAllBytesAsync(folder["pack"], TestContext.Current.CancellationToken),
            await File.ReadAllBytesAsync(folder["copy"], TestContext.Current.CancellationToken));
        Assert.InRange(await BytesOnDiskAsync(folder["copy"]), 1, Size / 8);
    }

    [Fact]
    public void What_is_not_there_is_said() =>
        Assert.Throws<FileNotFoundException>(() => SparseCopy.Run(folder["nothing"], folder["copy"]));

    public void Dispose() => folder.Dispose();

    private static async Task<long> BytesOnDiskAsync(string file)
    {
        using var du = Process.Start(new ProcessStartInfo("du", ["--block-size=1", file]) { RedirectStandardOutput = true, UseShellExecute = false })!;
        var said = await du.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        return long.Parse(said.Split('\t')[0], System.Globalization.CultureInfo.InvariantCulture);
    }
}
