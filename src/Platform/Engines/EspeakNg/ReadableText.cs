namespace Platform.Engines.EspeakNg;

/// <summary>Makes texts that espeak-ng reads as they are meant: safe, and Japanese ones in kana.</summary>
internal sealed class ReadableText(KanaReader kana)
{
    /// <summary>Null when the text is Japanese and the kana reader did not run.</summary>
    public async Task<SpeakableText?> OfAsync(string text, EspeakLanguage language, CancellationToken cancellation)
    {
        var safe = SpeakableText.Of(text);
        if (language != EspeakLanguage.Japanese)
        {
            return safe;
        }

        return await kana.ReadAsync(safe.Text, cancellation) is { } read ? safe with { Text = read } : null;
    }
}
