using System.Security.Cryptography;

namespace Cluster.Coordinator.Api;

/// <summary>What files say, read again when they change. What cannot be read then leaves in use what was.</summary>
/// <typeparam name="T">What they say.</typeparam>
internal sealed class WatchedFile<T>
    where T : class
{
    private static readonly TimeSpan s_period = TimeSpan.FromSeconds(1);

    private readonly string[] _paths;
    private readonly Func<T> _read;
    private readonly Action<string> _log;
    private readonly TimeProvider _time;
    private readonly Lock _lock = new();
    private (DateTime Written, long Length)[] _stamps;
    private long _looked;
    private volatile T _current;

    /// <param name="paths">The files that are looked at, at most once a second, when somebody asks.</param>
    /// <param name="read">Reads them.</param>
    /// <param name="log">Told in one line that they were read again, or why that failed.</param>
    /// <param name="time">Says when to look.</param>
    /// <exception cref="ClusterException">They cannot be read now.</exception>
    public WatchedFile(string[] paths, Func<T> read, Action<string> log, TimeProvider time)
    {
        (_paths, _read, _log, _time) = (paths, read, log, time);
        _looked = time.GetTimestamp();
        _stamps = Stamps();
        try
        {
            _current = read();
        }
        catch (Exception e) when (Problem(e) is { } problem)
        {
            throw new ClusterException(problem);
        }
    }

    /// <summary>What they say.</summary>
    public T Current
    {
        get
        {
            // Whoever comes while somebody looks takes what there is.
            if (_time.GetElapsedTime(Volatile.Read(ref _looked)) >= s_period && _lock.TryEnter())
            {
                try
                {
                    Look();
                }
                finally
                {
                    _lock.Exit();
                }
            }

            return _current;
        }
    }

    private void Look()
    {
        Volatile.Write(ref _looked, _time.GetTimestamp());

        // Before they are read: what is written meanwhile is seen the next time.
        var stamps = Stamps();
        if (stamps.AsSpan().SequenceEqual(_stamps)) return;

        _stamps = stamps;
        try
        {
            _current = _read();
            _log($"{_paths[0]}: read again");
        }
        catch (Exception e) when (Problem(e) is { } problem)
        {
            _log($"{problem}; what it said before stays in use");
        }
    }

    private string? Problem(Exception e) => e switch
    {
        ClusterException => e.Message,
        IOException or UnauthorizedAccessException or CryptographicException => $"{_paths[0]}: {e.Message}",
        _ => null,
    };

    private (DateTime, long)[] Stamps() => Array.ConvertAll(_paths, static path =>
    {
        var file = new FileInfo(path);
        return file.Exists ? (file.LastWriteTimeUtc, file.Length) : default;
    });
}
