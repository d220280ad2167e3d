using Platform.Api.Lists;
using Xunit;

namespace Platform.Tests.Api.Lists;

public sealed class Iso8601Tests
{
    [Theory]
    [InlineData("2026-11-01", "2026-11-01T00:00:00.000000Z")]
    [InlineData("2026-11-01T09:30Z", "2026-11-01T09:30:00.000000Z")]
    [InlineData("2026-11-01T09:30:15", "2026-11-01T09:30:15.000000Z")]
    [InlineData("2026-11-01T09:30:15.123456Z", "2026-11-01T09:30:15.123456Z")]
    [InlineData("2026-11-01T09:30:15+02:00", "2026-11-01T07:30:15.000000Z")]
    [InlineData("2026-11-01T09:30:15 02:00", "2026-11-01T07:30:15.000000Z")]
    public void Reads_dates_and_instants_and_writes_UTC(string text, string instant)
    {
        Assert.True(Iso8601.TryParse(text, out var parsed));
        Assert.Equal(instant, Iso8601.Write(parsed));
    }

    [Theory]
    [InlineData("")]
    [InlineData("yesterday")]
    [InlineData("1")]
    [InlineData("01/11/2026")]
    [InlineData("2026-13-01")]
    [InlineData("2026-02-30")]
    [InlineData("0001-01-01")]
    public void Refuses_what_could_mean_something_else(string text) => Assert.False(Iso8601.TryParse(text, out _));
}
