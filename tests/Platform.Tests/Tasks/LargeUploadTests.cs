using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Platform.Engines;
using Platform.Storage;
using Platform.Tasks;
using Platform.Tests.Scenarios;
using Xunit;

namespace Platform.Tests.Tasks;

/// <summary>Twenty results of 160 s as WAV, 154 MB, go to a server that takes its time: never are more than a few of them in memory.</summary>
[Collection(Alone.Name)]
public sealed class LargeUploadTests(SpineFixture spine) : IClassFixture<SpineFixture>
{
    private const int Results = 20;
    private const int Seconds = 160;
    private const int FileBytes = 44 + (Seconds * 24_000 * 2);

    // Three files. What is made is one sound and its file at a time; the upload holds pieces of 64 kB.
    private const long Bound = 3 * FileBytes;

    [Fact]
    public async Task Are_uploaded_without_being_held_in_memory()
    {
        var (taken, most) = (new ConcurrentDictionary<string, long>(StringComparer.Ordinal), 0L);
        var allMade = new TaskCompletionSource();
        var before = GC.GetTotalMemory(forceFullCollection: true);
        await using var server = await StartAsync(async http =>
        {
            await allMade.Task;
            var buffer = new byte[64 * 1024];
            int count;
            for (var length = 0L; (count = await http.Request.Body.ReadAsync(buffer)) > 0;)
            {
                var isHalf = length < FileBytes / 2 && length + count >= FileBytes / 2;
                length += count;
                taken[http.Request.Path] = length;
                if (isHalf)
                {
                    most = Math.Max(most, GC.GetTotalMemory(forceFullCollection: true) - before);
                }
            }
        });
        var task = await spine.RunningAsync(
            await spine.TenantAsync(), Results, members: $",\"uploadEndpoint\":\"{server.Urls.Single()}/{{index}}.wav\"");

        var running = spine.RunWith(new LongEngine()).RunAsync(task, new WorkSlot("a pool"), TestContext.Current.CancellationToken);
        await Poll.UntilAsync("all results are stored", () => Task.FromResult(FilesOf(task).Count() == Results));
        var waiting = GC.GetTotalMemory(forceFullCollection: true) - before;
        allMade.SetResult();
        await running.WaitAsync(TimeSpan.FromMinutes(2), TestContext.Current.CancellationToken);

        Assert.Equal("succeeded 1", await spine.StateAsync(task.TaskId));
        Assert.Equal(Results, taken.Count);
        Assert.All(taken.Values, static length => Assert.Equal(FileBytes, length));
        Assert.InRange(waiting, long.MinValue, Bound);
        Assert.InRange(most, long.MinValue, Bound);
    }

    private IEnumerable<string> FilesOf(ClaimedTask task)
    {
        var folder = spine.Get<IOptions<StorageOptions>>().Value.Folder;
        return Directory.Exists(folder) ? Directory.EnumerateFiles(folder, $"{task.TaskId:N}*", SearchOption.AllDirectories) : [];
    }

    private static async Task<WebApplication> StartAsync(RequestDelegate take)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(static kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        app.Run(take);
        await app.StartAsync(TestContext.Current.CancellationToken);
        return app;
    }

    private sealed class LongEngine : IEngine
    {
        public string Name => "long";

        public bool Serves(string model, string voice) => true;

        public Task<SpeechOutcome> SpeakAsync(SpeechRequest request, CancellationToken cancellation) =>
            Task.FromResult(SpeechOutcome.Of(new Pcm(new short[Seconds * 24_000], 24_000)));

        public Task<string?> FindFaultAsync(CancellationToken cancellation) => Task.FromResult<string?>(null);
    }
}
