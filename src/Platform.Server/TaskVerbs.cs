using System.CommandLine;
using System.Globalization;
using Platform.Api.Lists;
using Platform.Tasks;

namespace Platform.Server;

/// <summary><c>tasks list | show | retry | cancel</c>.</summary>
internal static class TaskVerbs
{
    private static readonly string[] States =
        [TaskState.Pending, TaskState.Running, TaskState.Succeeded, TaskState.Failed, TaskState.Cancelled, TaskState.Expired];

    private static readonly Option<Guid> Id = new("--task")
    {
        Required = true,
        Description = "The platform's id or the customer's taskUUID.",
    };

    private static readonly Option<bool> Json = Verb.Json();

    public static Command Create() => new("tasks", "Tasks of all tenants. What was asked for is the customer's and never shown.")
    {
        List(),
        Verb.Make("show", "How one task stands: state, attempts, money, times, error, trace.", [Id, Json], ShowAsync),
        Verb.Make(
            "retry",
            "Run a task again: an open one at once, a failed or expired one under a new hold for what is missing.",
            [Id, Json],
            RetryAsync),
        Verb.Make("cancel", "Stop a task that is not finished, as its customer could.", [Id, Json], CancelAsync),
    };

    private static Command List()
    {
        var tenant = new Option<Guid?>("--tenant") { Description = "Only this tenant's." };
        var state = new Option<string?>("--state") { Description = string.Join(", ", States) + "." };
        state.AcceptOnlyFromAmong(States);
        var pool = new Option<string?>("--pool") { Description = "Only this pool's." };
        var key = new Option<string?>("--key") { Description = "Only those of this key; how it begins is enough, such as rw_live_a1B2c3." };
        var limit = new Option<int>("--limit") { Description = "How many, newest first.", DefaultValueFactory = static _ => 50 };
        return Verb.Make("list", "Tasks, newest first.", [tenant, state, pool, key, limit, Json], async (services, given, cancellation) =>
        {
            var filter = new InspectFilter(
                given.GetValue(tenant), given.GetValue(state), given.GetValue(pool),
                given.GetValue(key) is { } beginning ? KeyVerbs.PrefixOf("--key", beginning) : null, Math.Clamp(given.GetValue(limit), 1, 10_000));
            var tasks = await services.Get<InspectTasks>().ListAcrossTenantsAsync(filter, cancellation);
            var rest = tasks.Count == filter.Limit ? $"\n\nThe newest {filter.Limit}; there may be more (--limit, up to 10000)." : "";
            Verb.Answer(given.GetValue(Json), new { Items = tasks }, TextTable.Render(
                ["TASK", "TENANT", "POOL", "STATE", "ATTEMPT", "RESULTS", "ACCEPTED", "ERROR"],
                tasks.Select(static task => new[]
                {
                    task.TaskId.ToString(), task.Tenant ?? task.TenantId.ToString(), task.Pool, task.State, Number(task.Attempt),
                    $"{task.FinishedResults}/{task.NumberResults}", Iso8601.Write(task.AcceptedAt), task.ErrorCode,
                })) + rest);
        });
    }

    private static async Task ShowAsync(IServiceProvider services, ParseResult given, CancellationToken cancellation)
    {
        var found = await FindAsync(services, given.GetValue(Id), cancellation);
        Verb.Answer(given.GetValue(Json), new { Items = found }, string.Join("\n\n", found.Select(Describe)));
    }

    private static string Describe(InspectedTask task) => TextTable.Render(
        ["TASK", task.TaskId.ToString()],
        [
            ["taskUUID", task.TaskUUID?.ToString() ?? "free again"],
            ["tenant", $"{task.Tenant} ({task.TenantId})"],
            ["key", task.KeyPrefix],
            ["model", task.Model],
            ["pool", task.Pool],
            ["state", task.State],
            ["attempt", Number(task.Attempt)],
            ["results", $"{task.FinishedResults} of {task.NumberResults}"],
            ["price of one", Verb.Usd(task.PricePerResultMicroUsd)],
            ["held", Verb.Usd(task.HeldMicroUsd)],
            ["charged", Verb.Usd(task.ChargedMicroUsd)],
            ["accepted", Iso8601.Write(task.AcceptedAt)],
            ["can be claimed", Show(task.AvailableAt)],
            ["lease until", Show(task.LeaseUntil)],
            ["deadline", Show(task.Deadline)],
            ["finished", Show(task.FinishedAt)],
            ["error", task.ErrorCode is null ? "none" : $"{task.ErrorCode}: {task.ErrorMessage}"],
            ["webhooks", $"{task.WebhooksDelivered} of {task.Webhooks} delivered"],
            ["trace", task.TraceId ?? "none"],
        ]);

    private static async Task RetryAsync(IServiceProvider services, ParseResult given, CancellationToken cancellation)
    {
        var task = await FindOneAsync(services, given.GetValue(Id), cancellation);
        var outcome = await services.Get<RetryTask>().RunAcrossTenantsAsync(task.TaskId, Verb.Actor, cancellation);
        var text = outcome switch
        {
            Retried.Released => "It can be claimed now; a worker takes it within a few seconds.",
            Retried.TakenBack => "Taken back from its worker, whose attempt does not count; it can be claimed now.",
            Retried.Again => "It waits again, under a new hold for what is missing.",
            Retried.Unaffordable => throw new VerbRefusedException("its tenant has not enough available for a new hold: 'credits balance' shows how much."),
            Retried.Closed => throw new VerbRefusedException("its tenant is suspended or erased."),
            Retried.Forgotten => throw new VerbRefusedException("what was asked for is no longer stored (Tasks:RetentionDays)."),
            Retried.Final => throw new VerbRefusedException($"it is {task.State}, and that is final: nothing is charged or made twice."),
            _ => throw new KeyNotFoundException("The task is gone."),
        };
        Verb.Answer(given.GetValue(Json), new { task.TaskId, Outcome = outcome.ToString() }, text);
    }

    private static async Task CancelAsync(IServiceProvider services, ParseResult given, CancellationToken cancellation)
    {
        var task = await FindOneAsync(services, given.GetValue(Id), cancellation);
        var outcome = await services.Get<CancelTask>().RunByOperatorAsync(task, Verb.Actor, cancellation);
        Verb.Answer(given.GetValue(Json), new { task.TaskId, Outcome = outcome.ToString() }, outcome == Cancellation.Cancelled
            ? "Cancelled: its hold is released, and results that were finished stay and are charged."
            : throw new VerbRefusedException($"it has ended already: 'tasks show --task {task.TaskId}'."));
    }

    private static async Task<IReadOnlyList<InspectedTask>> FindAsync(IServiceProvider services, Guid id, CancellationToken cancellation) =>
        await services.Get<InspectTasks>().FindAcrossTenantsAsync(id, cancellation) is { Count: > 0 } found
            ? found
            : throw new KeyNotFoundException($"There is no task {id}. Tasks are forgotten after Tasks:RetentionDays.");

    private static async Task<InspectedTask> FindOneAsync(IServiceProvider services, Guid id, CancellationToken cancellation)
    {
        var found = await FindAsync(services, id, cancellation);
        return found.Count == 1 ? found[0] : throw new VerbRefusedException(
            $"{found.Count} tenants have a task with this taskUUID: name it by its id, {string.Join(" or ", found.Select(static one => one.TaskId))}.");
    }

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Show(DateTimeOffset? instant) => instant is { } at ? Iso8601.Write(at) : "-";
}
