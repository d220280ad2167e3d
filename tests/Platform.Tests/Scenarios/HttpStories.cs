using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using Platform.Tests.Scenarios.Sockets;
using Xunit;

namespace Platform.Tests.Scenarios;

/// <summary>The HTTP around the tasks: methods, paths, content types, and those who mean harm with them.</summary>
[Collection(Stories.Name)]
public sealed class HttpStories(Stages stages)
{
    [Theory]
    [BothModes("text/plain")]
    [BothModes("application/x-www-form-urlencoded")]
    [BothModes("application/json; charset=utf-16")]
    [BothModes("")]
    public async Task The_content_type_of_a_request_does_not_matter(Mode mode, string type)
    {
        var customer = await (await stages.OnAsync(mode)).NewCustomerAsync();
        using var body = new ByteArrayContent("""[{"taskType":"ping","ping":true}]"""u8.ToArray());
        body.Headers.ContentType = type.Length == 0 ? null : MediaTypeHeaderValue.Parse(type);

        Assert.Equal(SocketTexts.Pong, (await customer.SendAsync(body)).Text);
    }

    [Theory]
    [BothModes("GET")]
    [BothModes("PUT")]
    [BothModes("DELETE")]
    [BothModes("PATCH")]
    [BothModes("OPTIONS")]
    public async Task Another_method_is_told_which_one_is_meant(Mode mode, string method)
    {
        var stranger = new Customer((await stages.OnAsync(mode)).Address, null);

        using var response = await stranger.GetAsync("v1", new HttpMethod(method));

        Assert.Contains("POST", response.Content.Headers.Allow, StringComparer.Ordinal);
        Assert.Equal((405, "method-not-allowed"), ((int)response.StatusCode, await KindOfProblemAsync(response)));
    }

    [Theory]
    [BothModes("", "GET")]
    [BothModes("v2", "POST")]
    [BothModes("v1/tasks/none/such", "GET")]
    [BothModes("V1x", "POST")]
    [BothModes("favicon.ico", "GET")]
    [BothModes("%00", "GET")]
    public async Task An_unknown_path_is_a_problem_that_says_where_tasks_go(Mode mode, string path, string method)
    {
        var stranger = new Customer((await stages.OnAsync(mode)).Address, null);

        using var response = await stranger.GetAsync(path, new HttpMethod(method));

        var status = (int)response.StatusCode;
        Assert.True(status == 404 || (path.Contains('%', StringComparison.Ordinal) && status == 400), $"{status}");
        if (status == 404)
        {
            Assert.Equal("no-such-path", await KindOfProblemAsync(response));
        }
    }

    [Theory]
    [BothModes]
    public async Task A_gigabyte_is_refused_promptly_and_not_taken_in(Mode mode)
    {
        var stage = await stages.OnAsync(mode);
        var customer = await stage.NewCustomerAsync();
        await customer.SendAsync("""[{"taskType":"ping"}]""");
        var before = Memory.ResidentMegabytes(stage.Server.Id);
        var start = Stopwatch.GetTimestamp();

        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => PourAsync(stage.Address, customer.Key!, 1L << 30)));

        Assert.All(answers, answer => Assert.Equal("HTTP/1.1 413", answer.Status));
        // What follows the answer is read away for a few seconds, so that the client gets to see it; how much that is, its speed decides.
        Assert.All(answers, answer => Assert.InRange(answer.Sent, 16L << 20, long.MaxValue));
        Assert.InRange(Stopwatch.GetElapsedTime(start).TotalSeconds, 0, 10);
        Assert.InRange(Memory.ResidentMegabytes(stage.Server.Id) - before, double.MinValue, 200);
    }

    [Theory]
    [BothModes]
    public async Task A_stranger_with_a_wrong_key_is_refused_before_the_body_is_read(Mode mode)
    {
        var stage = await stages.OnAsync(mode);

        var (status, sent) = await PourAsync(stage.Address, "wrong", 1L << 30);

        // What had gone out by then was on its way already; the first 16 MiB were not waited for.
        Assert.Equal("HTTP/1.1 401", status);
        Assert.InRange(sent, 0, 16L << 20);
    }

    [Theory]
    [BothModes]
    public async Task A_body_that_only_drips_is_cut_off(Mode mode)
    {
        var stage = await stages.OnAsync(mode);
        var customer = await stage.NewCustomerAsync();
        using var client = await OpenAsync(stage.Address);
        await using var stream = client.GetStream();
        await WriteAsync(stream, $"POST /v1 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {customer.Key}\r\nContent-Length: 100000\r\n\r\n");
        var start = Stopwatch.GetTimestamp();
        var ended = ReadToEndAsync(stream);

        using var drips = new PeriodicTimer(TimeSpan.FromMilliseconds(500));
        while (!ended.IsCompleted && Stopwatch.GetElapsedTime(start).TotalSeconds < 40)
        {
            await drips.WaitForNextTickAsync(TestContext.Current.CancellationToken);
            try
            {
                await WriteAsync(stream, " ");
            }
            catch (IOException)
            {
                break;
            }
        }

        var answer = await ended.WaitAsync(TimeSpan.FromSeconds(5), TestContext.Current.CancellationToken);
        Assert.True(answer.Length == 0 || answer.StartsWith("HTTP/1.1 408", StringComparison.Ordinal), answer);
        Assert.InRange(Stopwatch.GetElapsedTime(start).TotalSeconds, 3, 30);
        Assert.Equal(SocketTexts.Pong, (await customer.SendAsync("""[{"taskType":"ping"}]""")).Text);
    }

    [Theory]
    [BothModes("FFFFFFFFFFFFFFFF\r\nabc\r\n", "HTTP/1.1 400")]
    [BothModes("-1\r\nabc\r\n0\r\n\r\n", "HTTP/1.1 400")]
    [BothModes("zz\r\nabc\r\n0\r\n\r\n", "HTTP/1.1 400")]
    [BothModes("15\r\n[{\"taskType\":\"ping\"}]\r\n0\r\n\r\nGARBAGE\r\n\r\n", "HTTP/1.1 200")]
    public async Task Chunks_that_make_no_sense_are_refused_and_what_follows_a_body_is_no_part_of_it(Mode mode, string body, string status)
    {
        var stage = await stages.OnAsync(mode);
        var customer = await stage.NewCustomerAsync();
        foreach (var key in (string?[])[customer.Key, null])
        {
            using var client = await OpenAsync(stage.Address);
            await using var stream = client.GetStream();
            var header = key is null ? "" : $"Authorization: Bearer {key}\r\n";
            await WriteAsync(stream, $"POST /v1 HTTP/1.1\r\nHost: x\r\n{header}Transfer-Encoding: chunked\r\n\r\n{body}");

            // The connection ends in each case: what is left on it could be taken for a request.
            var answer = await ReadToEndAsync(stream);

            Assert.StartsWith(key is null && status.EndsWith("200", StringComparison.Ordinal) ? "HTTP/1.1 401" : status, answer, StringComparison.Ordinal);
        }
    }

    [Theory]
    [BothModes("many", "HTTP/1.1 431")]
    [BothModes("long", "HTTP/1.1 431")]
    [BothModes("path", "HTTP/1.1 414")]
    [BothModes("garbage", "HTTP/1.1 400")]
    public async Task A_flood_of_headers_is_refused(Mode mode, string kind, string status)
    {
        var stage = await stages.OnAsync(mode);
        using var client = await OpenAsync(stage.Address);
        await using var stream = client.GetStream();

        var request = kind switch
        {
            "many" => "POST /v1 HTTP/1.1\r\nHost: x\r\n" + string.Concat(Enumerable.Range(0, 5000).Select(i => $"X-{i}: y\r\n")),
            "long" => $"POST /v1 HTTP/1.1\r\nHost: x\r\nX-Long: {new string('y', 1 << 20)}\r\n",
            "path" => $"POST /v1?{new string('q', 1 << 20)} HTTP/1.1\r\nHost: x\r\n",
            _ => "\u0001\u0002 not http at all\r\n",
        };
        try
        {
            await WriteAsync(stream, request + "\r\n");
        }
        catch (IOException)
        {
            // Refused in the middle of it, which is the point; the answer was sent before.
        }

        var answer = await ReadToEndAsync(stream);
        Assert.True(answer.Length == 0 || answer.StartsWith(status, StringComparison.Ordinal), answer);
        Assert.True(answer.Length > 0 || kind is "long" or "path" or "many", "No answer.");
        var customer = await stage.NewCustomerAsync();
        Assert.Equal(SocketTexts.Pong, (await customer.SendAsync("""[{"taskType":"ping"}]""")).Text);
    }

    /// <summary>Sends a chunked body for as long as it is taken, and tells the beginning of the answer and what was sent by then.</summary>
    private static async Task<(string Status, long Sent)> PourAsync(Uri address, string key, long bytes)
    {
        using var client = await OpenAsync(address);
        await using var stream = client.GetStream();
        await WriteAsync(stream, $"POST /v1 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\nTransfer-Encoding: chunked\r\n\r\n");
        var start = new byte[12];
        var answered = stream.ReadExactlyAsync(start, TestContext.Current.CancellationToken).AsTask();
        var chunk = (byte[])[.. "10000\r\n"u8, .. new byte[0x10000], .. "\r\n"u8];
        var sent = 0L;
        while (!answered.IsCompleted && sent < bytes)
        {
            await Task.WhenAny(answered, stream.WriteAsync(chunk, TestContext.Current.CancellationToken).AsTask());
            sent += chunk.Length;
        }

        await answered;
        return (Encoding.ASCII.GetString(start), sent);
    }

    private static async Task<string> KindOfProblemAsync(HttpResponseMessage response)
    {
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        var problem = System.Text.Json.Nodes.JsonNode.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!;
        Assert.Equal((int)response.StatusCode, (int)problem["status"]!);
        return ((string)problem["type"]!).Split('#')[1];
    }

    private static async Task<TcpClient> OpenAsync(Uri address)
    {
        var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, address.Port, TestContext.Current.CancellationToken);
        return client;
    }

    private static Task WriteAsync(NetworkStream stream, string text) =>
        stream.WriteAsync(Encoding.Latin1.GetBytes(text), TestContext.Current.CancellationToken).AsTask();

    private static async Task<string> ReadToEndAsync(NetworkStream stream)
    {
        var text = new MemoryStream();
        var buffer = new byte[4096];
        try
        {
            while (await stream.ReadAsync(buffer, TestContext.Current.CancellationToken) is > 0 and var count)
            {
                text.Write(buffer, 0, count);
            }
        }
        catch (IOException)
        {
            // Reset: what had come before it counts.
            return Encoding.ASCII.GetString(text.ToArray());
        }

        return Encoding.ASCII.GetString(text.ToArray());
    }
}
