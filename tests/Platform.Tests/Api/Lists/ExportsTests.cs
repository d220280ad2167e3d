using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.Options;
using Platform.Api;
using Platform.Api.Lists;
using Platform.Tests.Fixtures;
using Platform.Tests.Tasks;
using Xunit;

namespace Platform.Tests.Api.Lists;

public sealed class ExportsTests
{
    private readonly Exports exports = new(
        Options.Create(new ApiOptions { MaxExports = 3, MaxExportsPerTenant = 2, ExportBytesPerSecond = 1000 }), new ManualTime());

    private readonly Guid tenant = Guid.NewGuid();
    private readonly TaskCompletionSource read = new();

    [Fact]
    public async Task So_many_at_a_time_and_so_many_of_one_tenant()
    {
        var running = Enumerable.Range(0, 2).Select(_ => RunAsync(tenant)).ToList();

        Assert.Equal("busy", await RunAsync(tenant).SoonAsync());
        var other = RunAsync(Guid.NewGuid());
        Assert.False(other.IsCompleted);
        Assert.Equal("busy", await RunAsync(Guid.NewGuid()).SoonAsync());

        read.SetResult();
        Assert.All(await Task.WhenAll([.. running, other]).SoonAsync(), static answer => Assert.Equal("export", answer));
        Assert.Equal("export", await RunAsync(tenant).SoonAsync());
    }

    [Fact]
    public async Task One_that_fails_makes_room_again()
    {
        for (var i = 0; i < 5; i++)
        {
            await Assert.ThrowsAsync<IOException>(
                () => exports.Bounded(tenant, new Export(static () => throw new IOException()), new Said("busy")).ExecuteAsync(new DefaultHttpContext()));
        }
    }

    [Fact]
    public async Task A_reader_must_read_so_fast_at_least()
    {
        var http = new DefaultHttpContext();
        var rate = new Rate();
        http.Features.Set<IHttpMinResponseDataRateFeature>(rate);
        read.SetResult();

        await exports.Bounded(tenant, new Export(() => read.Task), new Said("busy")).ExecuteAsync(http);

        Assert.Equal((1000, 10), (rate.MinDataRate!.BytesPerSecond, rate.MinDataRate.GracePeriod.TotalSeconds));
    }

    private async Task<string> RunAsync(Guid whose)
    {
        var http = new DefaultHttpContext();
        await exports.Bounded(whose, new Export(() => read.Task), new Said("busy")).ExecuteAsync(http);
        return (string)http.Items["said"]!;
    }

    private sealed class Rate : IHttpMinResponseDataRateFeature
    {
        public MinDataRate? MinDataRate { get; set; }
    }

    private sealed class Said(string what) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Items["said"] = what;
            return Task.CompletedTask;
        }
    }

    private sealed class Export(Func<Task> read) : IResult
    {
        public async Task ExecuteAsync(HttpContext httpContext)
        {
            await read();
            httpContext.Items["said"] = "export";
        }
    }
}
