namespace Platform.Hosting.Nodes;

/// <summary>How the last beat of this process found the database.</summary>
internal static class NodeHealth
{
    private static double _seconds = double.NaN;
    private static volatile bool _isUp;

    public static bool IsDatabaseUp => _isUp;

    /// <summary>Seconds that the last beat took; not a number before the first.</summary>
    public static double DatabaseSeconds => Volatile.Read(ref _seconds);

    public static void Answered(TimeSpan elapsed)
    {
        Volatile.Write(ref _seconds, elapsed.TotalSeconds);
        _isUp = true;
    }

    public static void WasAway() => _isUp = false;
}
