using System.Text.RegularExpressions;
using Platform.Tenants;
using Xunit;

namespace Platform.Tests.Tenants;

public sealed partial class KeyTextTests
{
    [Theory]
    [InlineData("live")]
    [InlineData("dev")]
    public void A_new_key_says_its_environment_and_is_well_formed(string environment)
    {
        var key = KeyText.Make(environment);

        Assert.Matches(Format(), key);
        Assert.StartsWith($"rw_{environment}_", key, StringComparison.Ordinal);
        Assert.True(KeyText.IsWellFormed(key));
    }

    [Fact]
    public void No_two_keys_are_alike() =>
        Assert.Equal(1000, Enumerable.Range(0, 1000).Select(_ => KeyText.Make("live")).Distinct(StringComparer.Ordinal).Count());

    [Fact]
    public void One_changed_character_anywhere_breaks_the_checksum()
    {
        var key = KeyText.Make("live");
        for (var i = 0; i < key.Length; i++)
        {
            var changed = key[..i] + (key[i] == 'x' ? 'y' : 'x') + key[(i + 1)..];
            Assert.False(KeyText.IsWellFormed(changed), $"position {i}");
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("_")]
    [InlineData("rw_")]
    [InlineData("rw_live_")]
    [InlineData("Bearer rw_live_abc_def")]
    [InlineData("rw_live_0123456789012345678901234567890123456789_")]
    public void What_is_no_key_is_refused(string text) => Assert.False(KeyText.IsWellFormed(text));

    [Fact]
    public void A_very_long_text_is_refused() => Assert.False(KeyText.IsWellFormed("rw_" + new string('a', 100_000)));

    [Fact]
    public void The_prefix_shows_the_kind_and_six_of_the_32_random_characters()
    {
        var key = KeyText.Make("live");

        Assert.Equal(key[..("rw_live_".Length + 6)], KeyText.PrefixOf(key));
    }

    [Fact]
    public void The_hash_is_of_the_whole_key()
    {
        var key = KeyText.Make("live");

        Assert.Equal(32, KeyText.HashOf(key).Length);
        Assert.Equal(KeyText.HashOf(key), KeyText.HashOf(key));
        Assert.NotEqual(KeyText.HashOf(key), KeyText.HashOf(key[..^1]));
    }

    [GeneratedRegex("^rw_[a-z]+_[0-9A-Za-z]{32}_[0-9A-Za-z]{6}$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Format();
}
