using System.ComponentModel.DataAnnotations;
using System.Text.RegularExpressions;

namespace Platform.Tenants;

/// <summary>How tenants' keys are made.</summary>
internal sealed partial class TenantsOptions
{
    public const string Section = "Tenants";
    private const string Word = "^[a-z0-9]{1,16}$";

    /// <summary>The word in a new key that tells one installation's keys from another's, such as <c>live</c> or <c>test</c>.</summary>
    [RegularExpression(Word, ErrorMessage = "must be a word of 1 to 16 small letters and digits, such as live")]
    public string KeyEnvironment { get; set; } = "live";

    public static bool IsKeyEnvironment(string word) => WordPattern().IsMatch(word);

    [GeneratedRegex(Word, RegexOptions.None, matchTimeoutMilliseconds: 100)]
    private static partial Regex WordPattern();
}
