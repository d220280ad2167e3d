using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Platform.Api;
using Platform.Tests.Fixtures;
using Platform.Tests.Tasks;
using Xunit;

namespace Platform.Tests.Api;

public sealed class RequestBodyTests
{
    private const int Limit = 64 * 1024;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(Limit - 1)]
    [InlineData(Limit)]
    public async Task Takes_a_body_up_to_the_limit_whole(int length)
    {
        var bytes = new byte[length];
        Random.Shared.NextBytes(bytes);

        var body = await RequestBody.ReadAsync(RequestWith(new MemoryStream(bytes), length), Limit);

        Assert.Equal(bytes, body!.Value.ToArray());
    }

    [Fact]
    public async Task Joins_a_body_that_comes_in_drops()
    {
        var bytes = new byte[5_000];
        Random.Shared.NextBytes(bytes);

        var body = await RequestBody.ReadAsync(RequestWith(new Drops(bytes, each: 7), null), Limit);

        Assert.Equal(bytes, body!.Value.ToArray());
    }

    [Fact]
    public async Task Refuses_one_byte_more()
    {
        Assert.Null(await RequestBody.ReadAsync(RequestWith(new MemoryStream(new byte[Limit + 1]), null), Limit));
    }

    [Fact]
    public async Task Does_not_read_a_body_whose_stated_length_is_too_long()
    {
        var stream = new Endless();

        Assert.Null(await RequestBody.ReadAsync(RequestWith(stream, Limit + 1), Limit));

        Assert.Equal(0, stream.Taken);
    }

    [Fact]
    public async Task Cuts_an_endless_body_at_the_limit_and_keeps_memory_flat()
    {
        const int limit = 16 * 1024 * 1024;
        await RequestBody.ReadAsync(RequestWith(new Endless(), null), limit);
        var before = GC.GetTotalMemory(forceFullCollection: true);

        var taken = 0L;
        for (var i = 0; i < 10; i++)
        {
            var stream = new Endless();
            Assert.Null(await RequestBody.ReadAsync(RequestWith(stream, null), limit));
            taken = Math.Max(taken, stream.Taken);
        }

        Assert.InRange(taken, limit, limit + (1024 * 1024));
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, 24 * 1024 * 1024);
    }

    [Fact]
    public async Task Gives_the_reader_back_so_that_the_server_can_end_the_request()
    {
        var request = RequestWith(new Endless(), null);
        await RequestBody.ReadAsync(request, Limit);

        // A reader that is still being read throws here.
        Assert.True(
            request.BodyReader.TryRead(out _) || !(await request.BodyReader.ReadAsync(TestContext.Current.CancellationToken)).IsCanceled);
    }

    [Fact]
    public async Task Ends_when_the_caller_hangs_up()
    {
        var http = new DefaultHttpContext();
        using var gone = new CancellationTokenSource();
        http.Features.Set<IHttpRequestLifetimeFeature>(new HttpRequestLifetimeFeature { RequestAborted = gone.Token });
        var pipe = new Pipe();
        http.Features.Set<IRequestBodyPipeFeature>(new Body(pipe.Reader));
        var reading = RequestBody.ReadAsync(http.Request, Limit);

        await gone.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading);
    }

    [Fact]
    public async Task Gives_up_a_body_that_does_not_end_in_its_time()
    {
        var http = new DefaultHttpContext();
        var (pipe, time) = (new Pipe(), new ManualTime());
        http.Features.Set<IRequestBodyPipeFeature>(new Body(pipe.Reader));
        await pipe.Writer.WriteAsync(new byte[10], TestContext.Current.CancellationToken);
        var reading = new RequestBody(http.Request, Limit) { Time = time }.ReadAsync(Limit, room: null);
        time.Advance(TimeSpan.FromSeconds(299));
        await pipe.Writer.WriteAsync(new byte[10], TestContext.Current.CancellationToken);
        Assert.False(reading.IsCompleted);

        time.Advance(TimeSpan.FromSeconds(2));

        Assert.Equal(BodyState.Broken, await reading.SoonAsync());
    }

    [Fact]
    public async Task Takes_room_as_bytes_come_and_not_as_they_are_announced()
    {
        var http = new DefaultHttpContext();
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 0));
        http.Features.Set<IRequestBodyPipeFeature>(new Body(pipe.Reader));
        http.Request.ContentLength = 1024 * 1024;
        var tenant = Guid.NewGuid();
        var room = new IncomingRoom(2 * 1024 * 1024, 1024 * 1024);
        var lease = room.Enter(tenant);
        var body = new RequestBody(http.Request, 1024 * 1024);
        var reading = body.ReadAsync(1024 * 1024, lease);
        await pipe.Writer.WriteAsync(new byte[10], TestContext.Current.CancellationToken);

        // All of the tenant's room is still free.
        var other = room.Enter(tenant);
        Assert.True(other.TryReach(1024 * 1024));
        other.Release();
        await pipe.Writer.WriteAsync(new byte[(1024 * 1024) - 10], TestContext.Current.CancellationToken);
        await pipe.Writer.CompleteAsync();

        Assert.Equal(BodyState.Whole, await reading.SoonAsync());
        Assert.Equal(1024 * 1024, body.Bytes.Length);
        Assert.False(room.Enter(tenant).TryReach(128 * 1024));
    }

    private static HttpRequest RequestWith(Stream stream, long? stated)
    {
        var http = new DefaultHttpContext();
        http.Request.Body = stream;
        http.Request.ContentLength = stated;
        return http.Request;
    }

    private sealed record Body(PipeReader Reader) : IRequestBodyPipeFeature;

    private sealed class Drops(byte[] bytes, int each) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(each, buffer.Length)], cancellationToken);
    }

    private sealed class Endless : MemoryStream
    {
        public long Taken { get; private set; }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Taken += buffer.Length;
            return ValueTask.FromResult(buffer.Length);
        }
    }
}
