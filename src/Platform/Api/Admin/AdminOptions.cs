using System.ComponentModel.DataAnnotations;

namespace Platform.Api.Admin;

/// <summary>The operator surface.</summary>
internal sealed class AdminOptions
{
    public const string Section = "Admin";

    /// <summary>
    /// The key of <c>/admin/v1</c>, at least 16 characters; better given as <c>PLATFORM_ADMIN_KEY</c> than in a file. Empty: the embedded mode
    /// makes one at its first start, elsewhere the surface refuses everybody.
    /// </summary>
    [RegularExpression(@"^$|^\S{16,}$", ErrorMessage = "must have at least 16 characters and no spaces")]
    public string Key { get; set; } = "";
}
