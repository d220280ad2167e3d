using Platform.Ledger;

namespace Platform.Api.Lists;

/// <summary>
/// The cost rows under the names of FOCUS 1.0 (https://focus.finops.org), in USD, for tools that read every provider's costs alike. What FOCUS has no name
/// for begins with <c>x_</c>, as it asks.
/// </summary>
internal static class FocusColumns
{
    private const decimal Million = 1_000_000m;

    public static readonly IReadOnlyList<CostColumn<CostRow>> All =
    [
        new("BilledCost", static row => row.AmountMicroUsd / Million),
        new("BillingAccountId", static row => row.TenantId),
        new("BillingAccountName", static row => row.TenantName),
        new("BillingCurrency", static _ => "USD"),
        new("BillingPeriodStart", static row => MonthOf(row.At)),
        new("BillingPeriodEnd", static row => MonthOf(row.At).AddMonths(1)),
        new("ChargeCategory", static _ => "Usage"),
        new("ChargeClass", static row => IsRefund(row) ? "Correction" : null),
        new("ChargeDescription", static row => IsRefund(row) ? "Refund of a result" : "A result"),
        new("ChargeFrequency", static _ => "Usage-Based"),
        new("ChargePeriodStart", static row => HourOf(row.At)),
        new("ChargePeriodEnd", static row => HourOf(row.At).AddHours(1)),
        new("ConsumedQuantity", static row => IsRefund(row) ? null : row.Units),
        new("ConsumedUnit", static row => IsRefund(row) ? null : UnitOf(row)),
        new("ContractedCost", static row => row.AmountMicroUsd / Million),
        new("EffectiveCost", static row => row.AmountMicroUsd / Million),
        new("InvoiceIssuerName", static _ => "Platform"),
        new("ListCost", static row => row.AmountMicroUsd / Million),
        new("ListUnitPrice", static row => row.UnitPriceMicroUsd / Million),
        new("PricingCategory", static _ => "Standard"),
        new("PricingQuantity", static row => row.Units),
        new("PricingUnit", UnitOf),
        new("ProviderName", static _ => "Platform"),
        new("PublisherName", static row => row.Model?.Split(':')[0]),
        new("ResourceId", static row => row.AudioUUID),
        new("ResourceType", static _ => "Result"),
        new("ServiceCategory", static _ => "AI and Machine Learning"),
        new("ServiceName", static row => row.Model),
        new("SkuId", static row => row.Model),
        new("SkuPriceId", static row => row.PriceVersion),
        new("SubAccountId", static row => row.KeyPrefix),
        new("x_TaskUUID", static row => row.TaskUUID),
        new("x_State", static row => row.State),
    ];

    private static bool IsRefund(CostRow row) => row.State == "refunded";

    private static string? UnitOf(CostRow row) => row.Unit switch
    {
        "character" => "Characters",
        "second" => "Seconds",
        "result" => "Results",
        _ => row.Unit,
    };

    private static DateTimeOffset MonthOf(DateTimeOffset at) => new(at.UtcDateTime.Year, at.UtcDateTime.Month, 1, 0, 0, 0, TimeSpan.Zero);

    private static DateTimeOffset HourOf(DateTimeOffset at) => new(at.UtcTicks - (at.UtcTicks % TimeSpan.TicksPerHour), TimeSpan.Zero);
}
