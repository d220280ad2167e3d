namespace Platform.Tests.Layout;

/// <summary>One place that breaks a rule: where, what was found, and what is allowed.</summary>
internal sealed record Finding(string File, int Line, string What, string Limit)
{
    public override string ToString() => $"{File}:{Line}: {What}; limit: {Limit}";

    /// <summary>Fails the test with every finding, one a line.</summary>
    public static void AssertNone(IEnumerable<Finding> findings)
    {
        var all = findings.Select(finding => finding.ToString()).Order(StringComparer.Ordinal).ToList();
        if (all.Count > 0)
        {
            Xunit.Assert.Fail($"{all.Count} findings:\n  " + string.Join("\n  ", all));
        }
    }
}
