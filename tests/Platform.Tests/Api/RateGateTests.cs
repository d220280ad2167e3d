using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Newtonsoft.Json.Linq;
using Platform.Api;
using Platform.Catalog;
using Platform.Tenants;
using Platform.Tenants.Limits;
using Platform.Tests.Fixtures;
using Xunit;

namespace Platform.Tests.Api;

public sealed class RateGateTests
{
    private static readonly Caller Somebody = new(Guid.NewGuid(), Guid.NewGuid(), 1, IsSuspended: false)
    {
        Limits = new TenantLimits { RequestsPerSecond = 2, Burst = 3 },
    };

    private readonly RateGate gate = new(new RateLimiter(Options.Create(new LimitsOptions()), new ManualTime()));

    [Theory]
    [InlineData("ping")]
    [InlineData("authentication")]
    public void Ping_and_authentication_are_free(string taskType) => Assert.Equal(100, Passed(taskType, 100));

    [Theory]
    [InlineData("audioInference", 3)]
    [InlineData("cancelTask", 3)]
    [InlineData("getTaskDetails", 3)]
    [InlineData("modelSearch", 3)]
    [InlineData("no such type", 3)]
    [InlineData(null, 3)]
    [InlineData("getResponse", 15)]
    public void Everything_else_counts_and_polls_by_themselves(string? taskType, int expected)
    {
        Assert.Equal(expected, Passed(taskType, 100));
        Assert.Equal(taskType == "getResponse" ? 3 : 0, Passed("audioInference", 100));
    }

    [Fact]
    public void Reads_count_by_themselves_whatever_the_tenants_own_limits_are()
    {
        Passed("audioInference", 100);

        Assert.Equal(60, Enumerable.Range(0, 200).Count(_ => gate.Refuse(Somebody, RequestKind.Read) is null));

        var headers = new DefaultHttpContext().Response.Headers;
        gate.Describe(headers, Somebody, [RequestKind.Read]);
        Assert.Equal(("\"reads\";q=60;w=3", "\"reads\";r=0;t=1"), (headers["RateLimit-Policy"].ToString(), headers["RateLimit"].ToString()));
    }

    [Fact]
    public void A_refusal_says_in_words_and_for_the_header_when_to_come_again()
    {
        Passed("audioInference", 3);

        var error = gate.Refuse(Call("audioInference"))!;

        Assert.Equal((ErrorCodes.RateLimitExceeded, 1), (error.Code, error.RetryAfterSeconds));
        Assert.Contains(" 1 s.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_headers_are_those_of_the_draft()
    {
        Passed("audioInference", 1);

        Assert.Equal(("\"tasks\";q=3;w=2", "\"tasks\";r=2;t=1"), Headers("audioInference", "cancelTask"));
        Assert.Equal(("\"polls\";q=15;w=2", "\"polls\";r=15;t=0"), Headers("getResponse", "ping"));
        Assert.Equal(("\"tasks\";q=3;w=2,\"polls\";q=15;w=2", "\"tasks\";r=2;t=1,\"polls\";r=15;t=0"), Headers("x", "getResponse"));
        Assert.Equal(("", ""), Headers("ping"));
        Passed("audioInference", 100);
        Assert.Equal("\"tasks\";r=0;t=1", Headers("modelSearch").Limit);
    }

    private (string Policy, string Limit) Headers(params string[] taskTypes)
    {
        var headers = new DefaultHttpContext().Response.Headers;
        gate.Describe(headers, Somebody, [.. taskTypes.Select(Call)]);
        return (headers["RateLimit-Policy"].ToString(), headers["RateLimit"].ToString());
    }

    private int Passed(string? taskType, int count) => Enumerable.Range(0, count).Count(_ => gate.Refuse(Call(taskType)) is null);

    private static TaskCall Call(string? taskType) => new(
        Somebody, new SentTask(new ParsedTask(taskType is null ? [] : new JObject { ["taskType"] = taskType }, default), receivedAt: 0));
}
