using Platform.Ledger;

namespace Platform.Api.Lists;

/// <summary>What costs are asked for, and how they shall be written.</summary>
/// <param name="Group">Null for one row for each charged result.</param>
internal sealed record CostsQuery(Period Period, Guid? TenantId, CostGroup? Group, CostsFormat Format)
{
    /// <param name="isAcrossTenants">Whether <c>tenant</c> may choose one; a tenant's own key sees its own costs only.</param>
    public static CostsQuery Read(IQueryCollection query, bool isAcrossTenants, out IReadOnlyList<FieldFault> faults)
    {
        var fields = new QueryFields(query);
        var read = new CostsQuery(
            fields.Period(),
            isAcrossTenants ? fields.Id("tenant") : null,
            fields.OneOf("groupBy", "task", "day", "model", "key") switch
            {
                "day" => CostGroup.Day,
                "model" => CostGroup.Model,
                "key" => CostGroup.Key,
                _ => null,
            },
            fields.OneOf("format", "json", "csv", "focus") switch
            {
                "csv" => CostsFormat.Csv,
                "focus" => CostsFormat.Focus,
                _ => CostsFormat.Json,
            });
        faults = read is { Format: CostsFormat.Focus, Group: not null }
            ? [.. fields.Faults, new FieldFault("groupBy", "'groupBy' must be 'task' or absent with the format 'focus', which has a row for each charge.")]
            : fields.Faults;
        return read;
    }
}
