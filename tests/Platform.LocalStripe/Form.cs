using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.WebUtilities;

namespace Platform.LocalStripe;

/// <summary>Parameters as Stripe writes them, <c>a[b][0][c]=d</c>, by their full names.</summary>
internal sealed partial class Form(string text)
{
    private readonly List<(string Name, string Value)> fields =
        [.. QueryHelpers.ParseQuery(text).SelectMany(field => field.Value.Select(value => (field.Key, value ?? "")))];

    /// <summary>Names with array positions as <c>[]</c>.</summary>
    public IEnumerable<string> Names => fields.Select(pair => PositionPattern().Replace(pair.Name, "[]"));

    public string? Text(string name) => fields.Where(field => field.Name == name).Select(field => field.Value).FirstOrDefault();

    public long? Number(string name) =>
        Text(name) is { } text && long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null;

    /// <summary>The entries of a map such as <c>metadata</c>.</summary>
    public IEnumerable<(string Key, string Value)> Map(string name) =>
        fields.Where(field => field.Name.StartsWith(name + "[", StringComparison.Ordinal)).Select(field => (field.Name[(name.Length + 1)..^1], field.Value));

    /// <summary>The same for comparing two requests.</summary>
    public override string ToString() =>
        string.Join('&', fields.Select(field => $"{field.Name}={field.Value}").Order(StringComparer.Ordinal));

    [GeneratedRegex(@"\[\d+\]", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex PositionPattern();
}
