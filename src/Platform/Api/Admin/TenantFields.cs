using Platform.Api.Lists;
using Platform.Ledger;
using Platform.Tenants;

namespace Platform.Api.Admin;

/// <summary>Reads a tenant's fields: the same rules for making one and for changing one.</summary>
internal static class TenantFields
{
    private const int LongestName = 200;
    private const int LargestRate = 1_000_000;
    private const int LargestQueue = 10_000_000;

    /// <summary>Null where something is wrong, which the body then knows.</summary>
    public static TenantDraft? ReadDraft(BodyFields body, out IReadOnlyList<FieldFault> faults)
    {
        var name = body.Text("name", LongestName, isRequired: true);
        var billing = body.OneOf("billing", isRequired: true, Tenant.Prepaid, Tenant.Postpaid);
        var creditLimit = body.Whole("creditLimit", 0, CreditOrder.Largest) ?? 0;
        var weight = (int)(body.Whole("weight", 1, 1000) ?? 1);
        var limits = ReadLimits(body);
        if (billing == Tenant.Prepaid && creditLimit > 0)
        {
            body.Refuse("creditLimit", PrepaidMessage);
        }

        faults = body.Finish();
        return faults.Count > 0
            ? null
            : new TenantDraft(name!) { Billing = billing!, CreditLimit = creditLimit, Weight = weight, Limits = limits(TenantLimits.Default) };
    }

    public const string PrepaidMessage = "'creditLimit' must be 0 for a prepaid tenant: only a postpaid balance may go below zero.";

    public static TenantChange? ReadChange(BodyFields body, out IReadOnlyList<FieldFault> faults)
    {
        var change = new TenantChange
        {
            Name = body.Text("name", LongestName),
            Billing = body.OneOf("billing", isRequired: false, Tenant.Prepaid, Tenant.Postpaid),
            CreditLimit = body.Whole("creditLimit", 0, CreditOrder.Largest),
            Weight = (int?)body.Whole("weight", 1, 1000),
            Suspended = body.Flag("suspended"),
            Limits = ReadLimits(body),
        };
        faults = body.Finish();
        return faults.Count > 0 ? null : change;
    }

    // A limit that is absent stays; null is the platform's default again.
    private static Func<TenantLimits, TenantLimits> ReadLimits(BodyFields body)
    {
        if (body.Inner("limits") is not { } limits)
        {
            return static kept => kept;
        }

        var (rate, burst) = (Limit(limits, "requestsPerSecond", LargestRate), Limit(limits, "burst", LargestRate));
        var (running, queued) = (Limit(limits, "maxRunning", LargestRate), Limit(limits, "maxQueued", LargestQueue));
        limits.Finish();
        return kept => new TenantLimits(
            rate(kept.RequestsPerSecond), burst(kept.Burst), running(kept.MaxRunning), queued(kept.MaxQueued));
    }

    private static Func<int?, int?> Limit(BodyFields limits, string name, int largest)
    {
        if (limits.IsNull(name))
        {
            limits.Expect(name);
            return static _ => null;
        }

        return limits.Whole(name, 1, largest) is { } value ? _ => (int)value : static kept => kept;
    }
}
