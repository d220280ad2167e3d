using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Platform.Bench.Load;

/// <summary>
/// Linux readiness notification (<c>epoll(7)</c>) with a timer in the same wait. One thread serves every connection this way: the
/// client's CPU counts in the figures, and hopping through the thread pool for each reply would cost several times as much.
/// </summary>
internal sealed partial class Epoll : IDisposable
{
    /// <summary>What <see cref="Wait"/> gives for the timer instead of an index.</summary>
    public const int Timer = -1;

    private const int Capacity = 512;

    // struct epoll_event is packed on x86-64 only (bits/epoll.h): 4 + 8 bytes there, 8 + 8 elsewhere.
    private static readonly int EventSize = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 12 : 16;
    private readonly byte[] events = GC.AllocateArray<byte>(Capacity * 16, pinned: true);
    private readonly int handle;
    private readonly int timer;

    public Epoll()
    {
        handle = Check(Create(0));
        timer = Check(CreateTimer(clock: 1, flags: 0));
        Add(timer, Timer);
    }

    public void Add(int descriptor, int index)
    {
        const int Readable = 1;
        Span<byte> request = stackalloc byte[16];
        MemoryMarshal.Write(request, Readable);
        MemoryMarshal.Write(request[(EventSize - 8)..], (long)index);
        Check(Control(handle, operation: 1, descriptor, ref MemoryMarshal.GetReference(request)));
    }

    public void Remove(int descriptor)
    {
        byte unused = 0;
        Check(Control(handle, operation: 2, descriptor, ref unused));
    }

    /// <summary>
    /// Starts a timer that fires every <paramref name="interval"/>; the kernel keeps it on schedule, however late anybody looks.
    /// </summary>
    public void StartTimer(TimeSpan interval)
    {
        var (seconds, nanoseconds) = (interval.Ticks / TimeSpan.TicksPerSecond, interval.Ticks % TimeSpan.TicksPerSecond * 100);
        ReadOnlySpan<long> schedule = [seconds, nanoseconds, seconds, nanoseconds];
        Check(SetTimer(timer, 0, in MemoryMarshal.GetReference(schedule), 0));
    }

    /// <summary>How often the timer fired since the last call; only to be called after <see cref="Wait"/> named it.</summary>
    public long TakeTicks()
    {
        Check((int)Read(timer, out var ticks, sizeof(long)));
        return ticks;
    }

    /// <summary>
    /// Fills in the indexes that have something to read. Waits for the first as long as it takes, or <paramref name="milliseconds"/>.
    /// </summary>
    public int Wait(Span<int> ready, int milliseconds)
    {
        const int Interrupted = 4;
        var count = WaitFor(handle, ref events[0], Math.Min(ready.Length, Capacity), milliseconds);
        if (count < 0 && Marshal.GetLastPInvokeError() == Interrupted)
        {
            return 0;
        }

        Check(count);
        for (var i = 0; i < count; i++)
        {
            ready[i] = (int)MemoryMarshal.Read<long>(events.AsSpan(i * EventSize + EventSize - 8));
        }

        return count;
    }

    public void Dispose()
    {
        Check(Close(timer));
        Check(Close(handle));
    }

    private static int Check(int result) => result >= 0 ? result : throw new Win32Exception();

    [LibraryImport("libc", EntryPoint = "epoll_create1", SetLastError = true)]
    private static partial int Create(int flags);

    [LibraryImport("libc", EntryPoint = "epoll_ctl", SetLastError = true)]
    private static partial int Control(int handle, int operation, int descriptor, ref byte request);

    [LibraryImport("libc", EntryPoint = "epoll_wait", SetLastError = true)]
    private static partial int WaitFor(int handle, ref byte events, int capacity, int milliseconds);

    [LibraryImport("libc", EntryPoint = "timerfd_create", SetLastError = true)]
    private static partial int CreateTimer(int clock, int flags);

    [LibraryImport("libc", EntryPoint = "timerfd_settime", SetLastError = true)]
    private static partial int SetTimer(int timer, int flags, in long schedule, nint previous);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    private static partial nint Read(int descriptor, out long value, nint length);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int Close(int descriptor);
}
