using System.Runtime.InteropServices;

namespace Platform.Tenants.Limits;

/// <summary>
/// This node's copy of a tenant's token bucket, whose truth is a row of <c>request_rates</c>. Requests take from the copy; an exchange
/// brings what was taken to the row and gets back the level that all nodes together have left, which may be a debt.
/// </summary>
internal sealed class RateBucket(RateShape shape, TimeProvider time)
{
    // A node's part of the refill never falls below this, so that a customer who moves over to it need not wait for an exchange.
    private const double SmallestShare = 0.1;

    private readonly Lock _gate = new();
    private RateShape _shape = shape;
    private double _level = shape.Burst;
    private long _filledAt = time.GetTimestamp();
    private long _takenAt = time.GetTimestamp();
    private long _untold;
    private long? _takenByAll;
    private double _share = 1;
    private bool _isRetired;

    /// <summary>Takes a token if there is one. Null when the bucket was given up meanwhile and the caller must get a new one.</summary>
    public RateVerdict? TryTake(RateShape shape)
    {
        lock (_gate)
        {
            if (_isRetired)
            {
                return null;
            }

            _shape = shape;
            _takenAt = Refill();
            if (_level < 1)
            {
                return new RateVerdict(Allowed: false, WaitSeconds());
            }

            _level--;
            _untold++;
            return new RateVerdict(Allowed: true, 0);
        }
    }

    public RateReading Read()
    {
        lock (_gate)
        {
            Refill();
            var reset = _level < 1 ? WaitSeconds() : (int)Math.Ceiling((_shape.Burst - _level) / _shape.Rate);
            return new RateReading(_shape, (long)Math.Max(0, _level), reset);
        }
    }

    /// <summary>What the other nodes are to be told; null while there is nothing to tell and nothing to learn.</summary>
    public RateReport? Report()
    {
        lock (_gate)
        {
            Refill();
            return _untold > 0 || _level < _shape.Burst ? new RateReport(_shape, _untold) : null;
        }
    }

    /// <summary>The row has taken the report.</summary>
    /// <param name="told">Tokens of the report.</param>
    /// <param name="level">What all nodes together have left.</param>
    /// <param name="takenByAll">Tokens that all nodes ever took.</param>
    public void Learn(long told, double level, long takenByAll)
    {
        lock (_gate)
        {
            _untold -= told;
            _level = level - _untold;
            _filledAt = time.GetTimestamp();

            // Nodes that are used alike refill alike, else each would let the whole rate through until the next exchange.
            var all = takenByAll - (_takenByAll ?? takenByAll);
            _share = all > told ? Math.Max(SmallestShare, (double)told / all) : 1;
            _takenByAll = takenByAll;
        }
    }

    /// <summary>The row could not be reached. What was to be told is forgotten: an outage must not end in a debt that nobody can repay.</summary>
    public void Forget(long told)
    {
        lock (_gate)
        {
            _untold -= told;
        }
    }

    /// <summary>True when nobody has used the bucket for so long and it is full: it takes nothing from now on.</summary>
    public bool TryRetire(TimeSpan idle)
    {
        lock (_gate)
        {
            Refill();
            _isRetired = _untold == 0 && _level >= _shape.Burst && time.GetElapsedTime(_takenAt) >= idle;
            return _isRetired;
        }
    }

    private long Refill()
    {
        var now = time.GetTimestamp();
        _level = Math.Min(_shape.Burst, _level + (_share * _shape.Rate * time.GetElapsedTime(_filledAt, now).TotalSeconds));
        return _filledAt = now;
    }

    private int WaitSeconds() => (int)Math.Clamp(Math.Ceiling((1 - _level) / (_share * _shape.Rate)), 1, int.MaxValue);
}

/// <summary>What one node tells of one bucket.</summary>
/// <param name="Taken">Tokens taken since the last exchange.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct RateReport(RateShape Shape, long Taken);
