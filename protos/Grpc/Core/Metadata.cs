using System.Collections;
using System.Text;
using Grpc.Wire;

namespace Grpc.Core;

/// <summary>Headers or trailers of a call, in order; a key may come more than once.</summary>
public sealed class Metadata : IList<Metadata.Entry>
{
    /// <summary>Keys with this ending carry bytes, all others text.</summary>
    public const string BinaryHeaderSuffix = "-bin";

    /// <summary>No entries; cannot be added to.</summary>
    public static readonly Metadata Empty = new(isReadOnly: true);

    private readonly List<Entry> _entries = [];

    public Metadata()
    {
    }

    private Metadata(bool isReadOnly) => IsReadOnly = isReadOnly;

    public int Count => _entries.Count;

    public bool IsReadOnly { get; }

    public Entry this[int index]
    {
        get => _entries[index];
        set
        {
            ArgumentNullException.ThrowIfNull(value);
            CheckWritable();
            _entries[index] = value;
        }
    }

    /// <summary>The last entry with the key, or null.</summary>
    public Entry? Get(string key)
    {
        for (var i = _entries.Count - 1; i >= 0; i--)
        {
            if (string.Equals(_entries[i].Key, key, StringComparison.OrdinalIgnoreCase))
                return _entries[i];
        }

        return null;
    }

    /// <summary>The text of the last entry with the key, or null.</summary>
    public string? GetValue(string key) => Get(key)?.Value;

    /// <summary>The bytes of the last entry with the key, or null.</summary>
    public byte[]? GetValueBytes(string key) => Get(key)?.ValueBytes;

    public IEnumerable<Entry> GetAll(string key)
    {
        foreach (var entry in _entries)
        {
            if (string.Equals(entry.Key, key, StringComparison.OrdinalIgnoreCase))
                yield return entry;
        }
    }

    public void Add(string key, string value) => Add(new Entry(key, value));

    public void Add(string key, byte[] valueBytes) => Add(new Entry(key, valueBytes));

    public void Add(Entry item)
    {
        ArgumentNullException.ThrowIfNull(item);
        CheckWritable();
        _entries.Add(item);
    }

    public void Insert(int index, Entry item)
    {
        ArgumentNullException.ThrowIfNull(item);
        CheckWritable();
        _entries.Insert(index, item);
    }

    public void Clear()
    {
        CheckWritable();
        _entries.Clear();
    }

    public bool Remove(Entry item)
    {
        CheckWritable();
        return _entries.Remove(item);
    }

    public void RemoveAt(int index)
    {
        CheckWritable();
        _entries.RemoveAt(index);
    }

    public bool Contains(Entry item) => _entries.Contains(item);

    public int IndexOf(Entry item) => _entries.IndexOf(item);

    public void CopyTo(Entry[] array, int arrayIndex) => _entries.CopyTo(array, arrayIndex);

    public IEnumerator<Entry> GetEnumerator() => _entries.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private void CheckWritable()
    {
        if (IsReadOnly)
            throw new InvalidOperationException("This metadata cannot be changed.");
    }

    /// <summary>One key and its value.</summary>
    public sealed class Entry
    {
        private readonly string? _value;
        private readonly byte[]? _valueBytes;

        /// <param name="key">Letters, digits, <c>-</c>, <c>_</c> and <c>.</c>; made lower case; must not end in <c>-bin</c> nor belong to the protocol.</param>
        /// <param name="value">Printable ASCII.</param>
        public Entry(string key, string value)
            : this(Normalized(key), value, null)
        {
            ArgumentNullException.ThrowIfNull(value);
            if (IsBinary)
                throw new ArgumentException($"Key '{Key}' ends in '-bin', so its value is bytes.", nameof(key));
            if (value.AsSpan().ContainsAnyExceptInRange(' ', '~'))
                throw new ArgumentException($"The value of '{Key}' has characters other than printable ASCII.", nameof(value));
        }

        /// <param name="key">As for text, but must end in <c>-bin</c>.</param>
        /// <param name="valueBytes">Any bytes; travel as base64.</param>
        public Entry(string key, byte[] valueBytes)
            : this(Normalized(key), null, valueBytes)
        {
            ArgumentNullException.ThrowIfNull(valueBytes);
            if (!IsBinary)
                throw new ArgumentException($"Key '{Key}' does not end in '-bin', so its value is text.", nameof(key));
        }

        private Entry(string key, string? value, byte[]? valueBytes)
        {
            Key = key;
            IsBinary = key.EndsWith(BinaryHeaderSuffix, StringComparison.Ordinal);
            _value = value;
            _valueBytes = valueBytes;
        }

        public string Key { get; }

        public bool IsBinary { get; }

        /// <exception cref="InvalidOperationException">The value is bytes.</exception>
        public string Value =>
            _value ?? throw new InvalidOperationException($"The value of '{Key}' is bytes.");

        /// <summary>The bytes of a binary entry, or the ASCII bytes of a text.</summary>
        public byte[] ValueBytes => _valueBytes ?? Encoding.ASCII.GetBytes(_value!);

        public override string ToString() => IsBinary ? $"[{Key}: {_valueBytes!.Length} bytes]" : $"[{Key}: {_value}]";

        /// <summary>An entry from the wire: the transport has checked it.</summary>
        internal static Entry Received(string key, string value) => new(key, value, null);

        /// <inheritdoc cref="Received(string, string)"/>
        internal static Entry Received(string key, byte[] valueBytes) => new(key, null, valueBytes);

        private static string Normalized(string key)
        {
            ArgumentException.ThrowIfNullOrEmpty(key);
            foreach (var c in key)
            {
                if (!(char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.'))
                    throw new ArgumentException($"Key '{key}' has characters other than letters, digits, '-', '_' and '.'.", nameof(key));
            }

            return MetadataCodec.IsReserved(key)
                ? throw new ArgumentException($"'{key}' is a header of the protocol and cannot be metadata.", nameof(key))
                : key.ToLowerInvariant();
        }
    }
}
