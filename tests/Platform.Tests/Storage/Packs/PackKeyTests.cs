using Platform.Storage;
using Platform.Storage.Packs;
using Xunit;

namespace Platform.Tests.Storage.Packs;

public sealed class PackKeyTests
{
    private const string Pack = "4a9082fd18654261a0bcc6cfe96001fc";
    private const string Name = "01890a5dac96774bbcceb302099a8057-2-3-4a9082fd18654261a0bcc6cfe96001fc-0000002a.mp3";

    [Fact]
    public void Names_the_pack_the_block_and_the_blob()
    {
        var key = new PackKey("audio/fc/", Pack, 258, Name);

        Assert.Equal($"audio/fc/{Pack}-000102/{Name}", key.ToString());
        Assert.Equal($"audio/fc/{Pack}.pack", key.File);
        Assert.Equal(key, PackKey.Find(key.ToString()));
    }

    [Fact]
    public void Says_what_the_name_says()
    {
        var key = new PackKey("audio/fc/", Pack, 1, Name).ToString();

        Assert.Equal(42u, BlobKeys.DigestOf(key));
        Assert.Equal(
            new ResultFile(Guid.Parse("01890a5d-ac96-774b-bcce-b302099a8057"), 2, 3, Guid.Parse(Pack)), BlobKeys.FindResult(key));
    }

    [Fact]
    public void Sorts_as_the_blobs_lie()
    {
        var blocks = new[] { 0, 1, 9, 10, 15, 16, 255, 256, 16_383 };
        var keys = blocks.Select(static block => new PackKey("audio/fc/", Pack, block, Name).ToString()).ToList();

        Assert.Equal(keys, keys.Order(StringComparer.Ordinal), StringComparer.Ordinal);
    }

    [Theory]
    [InlineData("audio/fc/" + Name)]
    [InlineData("audio/fc/" + Pack + ".pack")]
    [InlineData("audio/fc/" + Pack + "-00010g/x.mp3")]
    [InlineData("audio/fc/" + Pack + "-0102/x.mp3")]
    [InlineData("audio/fc/" + Pack + "_000102/x.mp3")]
    [InlineData("x.mp3")]
    [InlineData("")]
    public void A_file_of_its_own_is_in_no_pack(string key) => Assert.Null(PackKey.Find(key));

    [Theory]
    [InlineData(Pack + ".pack", true)]
    [InlineData("notes.pack", false)]
    [InlineData(Pack + ".mp3", false)]
    public void Knows_its_own_packs(string file, bool isPack) => Assert.Equal(isPack, PackKey.IsPack(file));
}
