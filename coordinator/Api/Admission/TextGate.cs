using Microsoft.AspNetCore.Http;

namespace Cluster.Coordinator.Api.Admission;

/// <summary>Bounds how many texts are under way or wait, and tells who is refused when to come again.</summary>
/// <param name="capacity">Texts at most. A request for more than that is let in when nothing else is under way.</param>
/// <param name="time">Measures how fast they leave.</param>
internal sealed class TextGate(int capacity, TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly DepartureRate _departures = new(time);
    private int _count;
    private long _refusals;

    /// <summary>Texts that are under way or wait.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Requests that were refused, since the start.</summary>
    public long RefusalCount => Volatile.Read(ref _refusals);

    /// <returns>To be disposed when the texts have ended.</returns>
    /// <exception cref="ApiException">There is no room for so many texts.</exception>
    public IDisposable Enter(int texts)
    {
        lock (_lock)
        {
            var missing = (long)_count + texts - capacity;
            if (_count > 0 && missing > 0)
            {
                _refusals++;
                throw new ApiException(new ApiError(
                    StatusCodes.Status429TooManyRequests, $"The server is busy: {_count} texts are under way or wait.", Code: "rate_limit_exceeded")
                {
                    RetryAfter = _departures.TimeUntil((int)Math.Min(missing, _count)),
                });
            }

            _count += texts;
        }

        return new Place(this, texts);
    }

    private void Leave(int texts)
    {
        lock (_lock)
        {
            _count -= texts;
            _departures.Add(texts);
        }
    }

    private sealed class Place(TextGate gate, int texts) : IDisposable
    {
        private int _left;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _left, 1) == 0) gate.Leave(texts);
        }
    }
}
