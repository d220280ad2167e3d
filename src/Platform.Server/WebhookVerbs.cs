using System.CommandLine;
using System.Globalization;
using Platform.Api.Lists;
using Platform.Delivery.Webhooks;
using Platform.Ledger;

namespace Platform.Server;

/// <summary><c>webhooks backlog | list | replay</c>.</summary>
internal static class WebhookVerbs
{
    private static readonly Option<Guid> Tenant = Verb.Tenant();
    private static readonly Option<bool> Json = Verb.Json();

    public static Command Create() => new("webhooks", "What was sent to customers' receivers.")
    {
        Backlog(),
        List(),
        Replay(),
    };

    private static Command Backlog()
    {
        var tenant = new Option<Guid?>("--tenant") { Description = "Only this tenant's." };
        var limit = new Option<int>("--limit") { Description = "How many receivers, 200 at most.", DefaultValueFactory = static _ => 20 };
        var sort = new Option<string>("--sort")
        {
            Description = "late (the latest first) or dead (those of which most was given up).",
            DefaultValueFactory = static _ => "late",
        };
        sort.AcceptOnlyFromAmong("late", "dead");
        return Verb.Make("backlog", "What is not delivered, by receiver: whose it is, how late, how much was given up, its last failure.",
            [tenant, sort, limit, Json], async (services, given, cancellation) =>
            {
                var receivers = await services.Get<ReadBacklog>().ListAcrossTenantsAsync(
                    given.GetValue(tenant), Math.Clamp(given.GetValue(limit), 1, 200), given.GetValue(sort) == "dead", cancellation);
                var items = receivers.Select(static one => new
                {
                    one.TenantId, one.Tenant, one.Endpoint, one.Due, one.UnderWay, one.Waiting, one.Dead,
                    OldestDueSeconds = Math.Round(one.Oldest.TotalSeconds, 1), one.LastAttemptAt, one.LastStatus, one.LastError,
                });
                Verb.Answer(given.GetValue(Json), new { Items = items }, TextTable.Render(
                    ["TENANT", "NAME", "RECEIVER", "DUE", "UNDER WAY", "WAITING", "DEAD", "OLDEST DUE", "LAST FAILURE"],
                    receivers.Select(static one => new[]
                    {
                        one.TenantId.ToString(), one.Tenant, one.Endpoint, Show(one.Due), Show(one.UnderWay), Show(one.Waiting), Show(one.Dead),
                        one.Due == 0 ? "-" : TextTable.Age(one.Oldest), Failure(one),
                    })));
            });
    }

    private static string Failure(ReceiverBacklog one) =>
        one.LastAttemptAt is { } at ? $"{Iso8601.Write(at)} {one.LastStatus?.ToString(CultureInfo.InvariantCulture) ?? one.LastError}" : "-";

    private static string Show(long value) => value.ToString(CultureInfo.InvariantCulture);

    private static Command List()
    {
        var state = new Option<string>("--state") { DefaultValueFactory = static _ => "dead", Description = string.Join(", ", ListWebhooks.States) + "." };
        state.AcceptOnlyFromAmong([.. ListWebhooks.States]);
        var limit = new Option<int>("--limit") { Description = "How many, newest first.", DefaultValueFactory = static _ => 50 };
        return Verb.Make("list", "A tenant's webhooks with their last attempt, newest first.", [Tenant, state, limit, Json],
            async (services, given, cancellation) =>
            {
                var webhooks = await services.Get<ListWebhooks>().ForTenantAsync(
                    given.GetValue(Tenant), given.GetValue(state), after: null, Math.Clamp(given.GetValue(limit), 1, 10_000), cancellation);
                Verb.Answer(given.GetValue(Json), new { Items = webhooks }, TextTable.Render(
                    ["WEBHOOK", "TASK", "STATE", "ATTEMPTS", "CREATED", "LAST ANSWER"],
                    webhooks.Select(static one => new[]
                    {
                        one.WebhookId.ToString(), one.TaskUUID.ToString(), one.State, one.Attempts.Count.ToString(CultureInfo.InvariantCulture),
                        Iso8601.Write(one.CreatedAt),
                        one.Attempts is [.., var last] ? last.Status?.ToString(CultureInfo.InvariantCulture) ?? last.Error : null,
                    })));
            });
    }

    private static Command Replay()
    {
        var webhook = new Option<Guid?>("--webhook") { Description = "One, as 'webhooks list' shows it." };
        var tenant = new Option<Guid?>("--tenant") { Description = "Or all of this tenant's that have this state:" };
        var state = new Option<string>("--state") { DefaultValueFactory = static _ => "dead", Description = "dead or delivered." };
        state.AcceptOnlyFromAmong("dead", "delivered");
        var from = new Option<string?>("--from") { Description = "ISO 8601, such as 2026-11-01: only those of results finished from then on." };
        var to = new Option<string?>("--to") { Description = "ISO 8601; not part of it." };
        return Verb.Make("replay", "Send ended webhooks again, under the same id.", [webhook, tenant, state, from, to, Json],
            async (services, given, cancellation) =>
            {
                var replay = services.Get<ReplayWebhooks>();
                var replayed = (given.GetValue(webhook), given.GetValue(tenant)) switch
                {
                    ({ } id, null) => await ReplayOneAsync(replay, id, cancellation),
                    (null, { } id) => await replay.RunForTenantAsync(
                        new ReplaySpan(
                            id, given.GetValue(state)!, Verb.Instant("--from", given.GetValue(from)) ?? Period.All.From,
                            Verb.Instant("--to", given.GetValue(to)) ?? Period.All.To),
                        Verb.Actor, cancellation),
                    _ => throw new VerbRefusedException("name one by --webhook, or a tenant's by --tenant."),
                };
                Verb.Answer(given.GetValue(Json), new { Replayed = replayed }, $"{replayed} are due again; a running scheduler sends them.");
            });
    }

    private static async Task<int> ReplayOneAsync(ReplayWebhooks replay, Guid id, CancellationToken cancellation) =>
        await replay.RunAcrossTenantsAsync(id, Verb.Actor, cancellation) switch
        {
            Delivery.Webhooks.Replay.Done => 1,
            Delivery.Webhooks.Replay.OnItsWay => throw new VerbRefusedException("it has not ended yet: its own schedule goes on."),
            _ => throw new KeyNotFoundException($"There is no webhook {id}: 'webhooks list' shows a tenant's."),
        };
}
