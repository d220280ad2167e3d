using Platform.Hosting;
using Platform.Tests.Fixtures;
using Xunit;

namespace Platform.Tests.Hosting;

public sealed class SecretFileTests : IDisposable
{
    private readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Only_its_owner_may_read_it()
    {
        SecretFile.Write(folder["key"], "secret");

        Assert.Equal("secret\n", File.ReadAllText(folder["key"]));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(folder["key"]));
    }

    [Fact]
    public void One_that_is_there_is_kept()
    {
        SecretFile.Ensure(folder["key"], () => "first");
        SecretFile.Ensure(folder["key"], () => throw new InvalidOperationException("a second one was made"));

        Assert.Equal("first\n", File.ReadAllText(folder["key"]));
    }
}
