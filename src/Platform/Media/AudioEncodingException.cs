namespace Platform.Media;

/// <summary>A native audio library refused what it was given: a bug here, or a library that is not what it should be.</summary>
internal sealed class AudioEncodingException(string library, string step, long code)
    : Exception($"{library} failed at {step} with {code}.");
