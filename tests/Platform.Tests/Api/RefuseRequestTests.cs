using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Platform.Api;
using Xunit;

namespace Platform.Tests.Api;

public sealed class RefuseRequestTests
{
    [Fact]
    public async Task What_breaks_unforeseen_is_a_problem_and_no_empty_answer()
    {
        var (status, body) = await AnswerAsync(static _ => throw new InvalidOperationException("secret"));

        Assert.Equal(500, status);
        Assert.Contains("#internal-error", body, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_that_is_away_is_said_to_be() =>
        Assert.Equal(503, (await AnswerAsync(static _ => throw new NpgsqlException("away"))).Status);

    [Fact]
    public async Task What_the_server_answers_by_itself_and_what_nobody_waits_for_passes()
    {
        await Assert.ThrowsAsync<BadHttpRequestException>(() => AnswerAsync(static _ => throw new BadHttpRequestException("no", 408)));
        await Assert.ThrowsAsync<OperationCanceledException>(() => AnswerAsync(static http =>
        {
            http.RequestAborted = new CancellationToken(canceled: true);
            throw new OperationCanceledException();
        }));
    }

    [Fact]
    public async Task A_404_without_words_gets_some()
    {
        var (_, body) = await AnswerAsync(static http =>
        {
            http.Request.Path = "/media/audio/none.mp3";
            http.SetEndpoint(new Endpoint(null, null, null));
            http.Response.StatusCode = 404;
            return Task.CompletedTask;
        });

        Assert.Contains("its link has ended", body, StringComparison.Ordinal);
    }

    private static async Task<(int Status, string Body)> AnswerAsync(RequestDelegate next)
    {
        await using var services = new ServiceCollection().AddLogging().BuildServiceProvider();
        var http = new DefaultHttpContext { RequestServices = services };
        using var body = new MemoryStream();
        http.Response.Body = body;
        await RefuseRequest.AroundAsync(http, next);
        return (http.Response.StatusCode, System.Text.Encoding.UTF8.GetString(body.ToArray()));
    }
}
