using Platform.Api.Lists;
using Xunit;

namespace Platform.Tests.Api.Lists;

public sealed class CursorTests
{
    [Theory]
    [InlineData("0")]
    [InlineData("9223372036854775807")]
    [InlineData("01890a5d-ac96-774b-bcce-b302099a8057")]
    public void Gives_back_the_key_it_was_made_of(string key) => Assert.Equal(key, Cursor.Read("ledger", Cursor.Write("ledger", key)));

    [Fact]
    public void Is_good_for_its_own_list_alone() => Assert.Null(Cursor.Read("tasks", Cursor.Write("ledger", "7")));

    [Theory]
    [InlineData("")]
    [InlineData("a")]
    [InlineData("AAAA")]
    [InlineData("not a cursor")]
    [InlineData("bGVkZ2VyIDc")]
    [InlineData("====")]
    public void Takes_nothing_that_it_did_not_make(string text) => Assert.Null(Cursor.Read("ledger", text));

    [Fact]
    public void Takes_no_megabyte() => Assert.Null(Cursor.Read("ledger", new string('A', 1_000_000)));
}
