using System.Diagnostics;
using System.Security.Cryptography;
using Microsoft.Extensions.Options;
using Platform.Catalog;
using Platform.Messaging;
using Platform.Telemetry;
using Platform.Tenants;
using Platform.Tenants.Limits;

namespace Platform.Tasks;

/// <summary>A task that can be accepted, or all that is wrong with it.</summary>
internal readonly record struct Prepared(NewTask? Task, IReadOnlyList<TaskError> Errors);

/// <summary>Steps 2 and 3 of the walk: checks a task against its model and fixes its price. It changes nothing.</summary>
internal sealed class PrepareTask(
    CheckTask check, QuoteTask quotes, IOptions<LimitsOptions> limits, NodeIdentity node, TimeProvider time)
{
    // Thousandths of a code point, so that dividing by a weight loses nothing that matters.
    private const long CostScale = 1000;

    // What a result takes besides its text, in code points: a call, a file, a settlement. Without it a tenant of tiny tasks would run a thousand
    // of them for one ordinary task of its neighbour.
    private const int CostOfResult = 100;

    // Seeds stay inside what every engine and every JSON reader holds exactly, with room for the results' own offsets.
    private const int LargestSeed = int.MaxValue - 100;

    private static readonly TaskError TooLarge = new(
        ErrorCodes.PayloadTooLarge,
        $"A task may have at most {KeptRequest.Largest} bytes of JSON, reference audio and white space not counted.");

    public async ValueTask<Prepared> RunAsync(Caller caller, ParsedTask parsed)
    {
        var found = check.Run(parsed.Json);
        if (!found.IsAccepted)
        {
            return new Prepared(null, found.Errors);
        }

        var spec = found.Spec;
        var request = KeptRequest.Of(parsed.Original);
        if (request.Length > KeptRequest.Largest && ReplaceInput.LengthOfRest(request) > KeptRequest.Largest)
        {
            return new Prepared(null, [TooLarge]);
        }

        var now = time.GetUtcNow();
        var quote = await quotes.RunAsync(caller.TenantId, spec, now);
        var task = new NewTask
        {
            TaskId = Guid.CreateVersion7(now),
            TenantId = caller.TenantId,
            KeyId = caller.KeyId,
            TaskUuid = Guid.ParseExact(spec.TaskUuid, "D"),
            Spec = spec,
            Pool = found.Model.Pool,
            PricePerResult = quote.MicroUsdPerResult,
            PriceVersion = quote.PriceVersion,
            Units = quote.Units,
            MicroUsdPerMillion = quote.MicroUsdPerMillion,
            Terms = quote.Terms,
            Seed = RandomNumberGenerator.GetInt32(LargestSeed),
            VirtualCost = Math.Max(1, CostScale * (CostOfResult + spec.TextLength) * spec.NumberResults / caller.Weight),
            MaxQueued = limits.Value.MaxQueuedOf(caller.Limits),
            MaxRunning = limits.Value.MaxRunningOf(caller.Limits),
            Waiter = spec.IsAsync ? null : node.Id,
            Trace = TraceStamp.Of(Activity.Current),
            Request = request,
        };
        return new Prepared(task, []);
    }
}
