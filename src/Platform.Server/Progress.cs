namespace Platform.Server;

/// <summary>A bar on the terminal for work that takes a while. It goes to stderr, and only where a person sits before it.</summary>
internal sealed class Progress(string what, long total)
{
    private const int Width = 30;
    private readonly bool _isShown = !Console.IsErrorRedirected && total > 0;
    private long _done;
    private int _percent = -1;

    public void Advance(long by = 1)
    {
        _done += by;
        var percent = total == 0 ? 100 : (int)(100 * _done / total);
        if (_isShown && percent != _percent)
        {
            _percent = percent;
            Console.Error.Write($"\r{Line(what, percent)}");
        }
    }

    public void Finish()
    {
        if (_isShown)
        {
            Console.Error.WriteLine($"\r{Line(what, 100)}");
        }
    }

    internal static string Line(string what, int percent)
    {
        var full = Width * Math.Clamp(percent, 0, 100) / 100;
        return $"{what} [{new string('#', full)}{new string('.', Width - full)}] {percent,3} %";
    }
}
