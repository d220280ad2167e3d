using System.CommandLine;
using Platform.Api.Lists;
using Platform.Tenants;

namespace Platform.Server;

/// <summary><c>tenants erase</c>: asks for it and waits for the scheduler to finish; run again it goes on waiting.</summary>
internal static class EraseVerb
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(500);

    private static readonly Option<Guid> Id = Verb.Tenant();
    private static readonly Option<bool> Json = Verb.Json();
    private static readonly Option<bool> Yes = new("--yes") { Description = "Really: what is erased cannot be brought back." };

    private static readonly Option<int> Wait = new("--wait")
    {
        DefaultValueFactory = static _ => 120,
        Description = "Seconds to wait for its end. 0: only ask.",
    };

    public static Command Create() => Verb.Make(
        "erase", "Delete a tenant's requests, results, media, webhooks and keys for good. Its account and ledger stay.", [Id, Yes, Wait, Json], RunAsync);

    private static async Task RunAsync(IServiceProvider services, ParseResult given, CancellationToken cancellation)
    {
        var id = given.GetValue(Id);
        if (!given.GetValue(Yes))
        {
            throw new VerbRefusedException($"this deletes all data of tenant {id} for good, and ends its keys at once: add --yes.");
        }

        var ask = services.Get<AskErasure>();
        var erasure = await ask.RunAsync(id, Verb.Actor, cancellation)
            ?? throw new KeyNotFoundException($"There is no tenant {id}: 'tenants list' shows all.");
        var time = services.Get<TimeProvider>();
        var started = time.GetTimestamp();
        using var timer = new PeriodicTimer(Look, time);
        while (erasure.ErasedAt is null && time.GetElapsedTime(started).TotalSeconds < given.GetValue(Wait))
        {
            await timer.WaitForNextTickAsync(cancellation);
            erasure = (await ask.FindAsync(id, cancellation))!;
        }

        Verb.Answer(given.GetValue(Json), erasure, erasure.ErasedAt is { } end
            ? $"Erased tenant {id} at {Iso8601.Write(end)}; its account and ledger stay."
            : $"The keys of tenant {id} are gone. A running scheduler erases the rest: {erasure.TasksLeft} tasks, {erasure.MediaLeft} media "
                + $"and {erasure.WebhooksLeft} webhooks are left. Run this again to see how far it is.");
    }
}
