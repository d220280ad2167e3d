using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Newtonsoft.Json.Linq;
using Platform.Api;
using Platform.Catalog;
using Platform.Tenants;
using Platform.Tenants.Limits;
using Platform.Tests.Fixtures;
using Xunit;

namespace Platform.Tests.Api;

public sealed class V1EndpointTests
{
    private static readonly Caller Somebody = new(Guid.NewGuid(), Guid.NewGuid(), 1, IsSuspended: false);

    [Theory]
    [InlineData(429, null, "2")]
    [InlineData(429, 7, "7")]
    [InlineData(503, null, "2")]
    [InlineData(200, null, "")]
    [InlineData(400, 7, "")]
    [InlineData(402, null, "")]
    [InlineData(500, null, "")]
    public async Task A_status_that_asks_to_come_again_says_when(int status, int? seconds, string header)
    {
        var http = new DefaultHttpContext();

        await V1Endpoint.SendAsync(http, status, "{}"u8.ToArray(), seconds);

        Assert.Equal(header, http.Response.Headers.RetryAfter.ToString());
        Assert.Equal((status, "application/json", 2L), (http.Response.StatusCode, http.Response.ContentType, http.Response.ContentLength));
    }

    [Theory]
    [InlineData("audioInference", ErrorCodes.InferenceError, true)]
    [InlineData("getResponse", ErrorCodes.InternalServerError, false)]
    public async Task After_acceptance_a_fault_is_no_5xx(string taskType, string code, bool isAccepted)
    {
        var reply = await AnswerAsync(taskType, static (_, _) => throw new InvalidOperationException("A bug."));

        var error = Assert.Single(reply.Errors);
        Assert.Equal((code, isAccepted), (error.Code, reply.IsAccepted));
        Assert.DoesNotContain("A bug", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_was_sent_is_let_go_whatever_became_of_the_task()
    {
        foreach (var handler in (TaskHandler[])[static (_, _) => throw new InvalidOperationException(), static (_, _) => Task.FromResult(new TaskReply())])
        {
            var call = Call("getResponse");
            await AnswerAsync(call, handler);
            Assert.Throws<InvalidOperationException>(() => call.Task);
        }
    }

    private static Task<TaskReply> AnswerAsync(string taskType, TaskHandler handler) => AnswerAsync(Call(taskType), handler);

    private static Task<TaskReply> AnswerAsync(TaskCall call, TaskHandler handler) => new Dispatcher(
        [new TaskRoute(call.TaskType!, handler)],
        new RateGate(new RateLimiter(Options.Create(new LimitsOptions()), new ManualTime())),
        NullLogger<Dispatcher>.Instance).HandleAsync(call, CancellationToken.None);

    private static TaskCall Call(string taskType) =>
        new(Somebody, new SentTask(new ParsedTask(new JObject { ["taskType"] = taskType }, default), receivedAt: 0));
}
