namespace Platform.Pricing;

/// <summary>Where prices come from.</summary>
internal sealed class PricingOptions
{
    public const string Section = "Pricing";

    /// <summary>A price book in place of the one that the program carries. Empty: that one.</summary>
    public string File { get; set; } = "";

    /// <summary>Whether the book may give a model away: all three of its figures but the step are 0 then.</summary>
    public bool AllowFree { get; set; }

    /// <summary>How often an api node looks for prices that were set for single tenants, in seconds.</summary>
    [System.ComponentModel.DataAnnotations.Range(0.1, 3600)]
    public double RefreshSeconds { get; set; } = 2;
}
