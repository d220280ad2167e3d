namespace Platform.Catalog;

/// <summary>The forms of text that a schema may ask for by name (<c>x-form</c>), where a pattern could not say it.</summary>
internal static class TextForms
{
    /// <summary>The test of a form, or null when there is none of this name.</summary>
    public static Func<string, bool>? Find(string name) => name switch
    {
        "httpUrl" => HttpUrl.IsOne,
        "audio" => AudioText.IsOne,
        "wideText100" => WideText.IsShort,
        _ => null,
    };
}
