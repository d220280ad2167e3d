using Platform.Media.Native;
using Platform.Media;
using Xunit;

namespace Platform.Tests.Media;

public sealed class MediaFaultTests
{
    [Fact]
    public void Finds_nothing_where_everything_is_installed()
    {
        Assert.Null(MediaFault.Find());
        Assert.Null(MediaFault.FindForEngines());
    }

    [Fact]
    public void Names_the_package_of_a_missing_library() =>
        Assert.Equal(
            "The audio library libnowhere.so.7 is missing: install the Debian package libnowhere7.",
            MediaFault.Find([new NativeLibraryFile("nowhere", ["libnowhere.so.7"], "libnowhere7")]));

    [Fact]
    public void Is_content_with_any_of_the_versions_that_a_library_may_have() =>
        Assert.Null(MediaFault.Find([new NativeLibraryFile("lame", ["libmp3lame.so.99", "libmp3lame.so.0"], "libmp3lame0")]));

    [Fact]
    public void Asks_for_every_library_by_its_versioned_name() =>
        Assert.All(NativeLibraries.All.SelectMany(library => library.Files), file => Assert.Matches(@"\.so\.\d+$", file));
}
