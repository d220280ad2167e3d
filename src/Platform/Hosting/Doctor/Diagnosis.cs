namespace Platform.Hosting.Doctor;

/// <summary>How bad a finding is.</summary>
internal enum Health
{
    Ok,

    /// <summary>Could not be looked at, or does not apply here.</summary>
    Skipped,

    /// <summary>Works, but will not for long, or not as meant.</summary>
    Warning,

    /// <summary>Customers are not served, or not all of them.</summary>
    Fault,
}

/// <summary>One line of the doctor: what was looked at, how it stands, and what to do about it.</summary>
internal sealed record Diagnosis(string Check, Health Health, string Text, string? Fix = null)
{
    public static Diagnosis Ok(string check, string text) => new(check, Health.Ok, text);

    public static Diagnosis Skipped(string check, string text) => new(check, Health.Skipped, text);

    public static Diagnosis Warning(string check, string text, string fix) => new(check, Health.Warning, text, fix);

    public static Diagnosis Fault(string check, string text, string fix) => new(check, Health.Fault, text, fix);
}
