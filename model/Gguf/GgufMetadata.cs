using System.Diagnostics.CodeAnalysis;

namespace Cluster.Model.Gguf;

/// <summary>
/// The key-value pairs of a GGUF file, in file order. Values stay encoded until asked for, and stay readable after the file is
/// closed. A getter whose key is missing or whose value has another kind throws <see cref="GgufFormatException"/>, since the file
/// is then not what its reader needs; the Try… getters return false only when the key is missing.
/// </summary>
public sealed class GgufMetadata
{
    private readonly string _file;
    private readonly byte[] _section;
    private readonly long _sectionStart;
    private readonly OrderedDictionary<string, GgufValueLocation> _values;

    internal GgufMetadata(string file, byte[] section, long sectionStart, OrderedDictionary<string, GgufValueLocation> values)
    {
        _file = file;
        _section = section;
        _sectionStart = sectionStart;
        _values = values;
    }

    /// <summary>Path of the file, for messages.</summary>
    internal string File => _file;

    public int Count => _values.Count;

    public IReadOnlyList<string> Keys => _values.Keys;

    /// <summary>
    /// All pairs, decoded as they are enumerated: scalars boxed in their own type, strings, scalar arrays as arrays of their type,
    /// string arrays as <see cref="GgufStringArray"/>, nested arrays as <c>object[]</c>.
    /// </summary>
    public IEnumerable<KeyValuePair<string, object>> Entries
    {
        get
        {
            foreach ((string key, GgufValueLocation location) in _values)
                yield return new(key, Decode(location));
        }
    }

    public bool Contains(string key) => _values.ContainsKey(key);

    /// <summary>Type of the value, or null when the key is missing.</summary>
    public GgufValueType? TypeOf(string key) => _values.TryGetValue(key, out GgufValueLocation location) ? location.Type : null;

    public string GetString(string key) => TryGetString(key, out string? value) ? value : throw Missing(key);

    public bool TryGetString(string key, [NotNullWhen(true)] out string? value)
    {
        value = TryDecode(key, out object? found) ? found as string ?? throw WrongKind(key, "a string") : null;
        return value is not null;
    }

    /// <summary>An integer of any width and sign whose value fits.</summary>
    public int GetInt32(string key) => TryGetInt32(key, out int value) ? value : throw Missing(key);

    public int GetInt32(string key, int defaultValue) => TryGetInt32(key, out int value) ? value : defaultValue;

    public bool TryGetInt32(string key, out int value)
    {
        value = 0;
        if (!TryDecode(key, out object? found))
            return false;
        Int128 wide = GgufNumbers.ToInteger(found) ?? throw WrongKind(key, "an integer");
        value = wide >= int.MinValue && wide <= int.MaxValue ? (int)wide : throw OutOfRange(key, wide, "32-bit integer");
        return true;
    }

    /// <summary>An unsigned integer of any width whose value fits.</summary>
    public uint GetUInt32(string key)
    {
        if (!TryDecode(key, out object? found))
            throw Missing(key);
        Int128 wide = GgufNumbers.ToInteger(found) ?? throw WrongKind(key, "an integer");
        return wide >= 0 && wide <= uint.MaxValue ? (uint)wide : throw OutOfRange(key, wide, "32-bit unsigned integer");
    }

    /// <summary>A floating-point number of either width, or an integer.</summary>
    public float GetSingle(string key) => TryGetSingle(key, out float value) ? value : throw Missing(key);

    public float GetSingle(string key, float defaultValue) => TryGetSingle(key, out float value) ? value : defaultValue;

    public bool TryGetSingle(string key, out float value)
    {
        value = 0;
        if (!TryDecode(key, out object? found))
            return false;
        value = GgufNumbers.ToSingle(found) ?? throw WrongKind(key, "a number");
        return true;
    }

    public bool GetBoolean(string key, bool defaultValue) =>
        TryDecode(key, out object? found) ? found as bool? ?? throw WrongKind(key, "a boolean") : defaultValue;

    /// <summary>Strings decoded at every access; keep what is used often.</summary>
    public bool TryGetStringArray(string key, [NotNullWhen(true)] out IReadOnlyList<string>? value)
    {
        bool present = TryGetUtf8Array(key, out GgufStringArray? strings);
        value = strings;
        return present;
    }

    /// <summary>As <see cref="TryGetStringArray"/>, with the raw bytes of each element besides its text.</summary>
    public bool TryGetUtf8Array(string key, [NotNullWhen(true)] out GgufStringArray? value) =>
        TryGetArray(key, "an array of strings", found => found as GgufStringArray, out value);

    /// <summary>An array of integers of any width, all of whose values fit.</summary>
    public bool TryGetInt32Array(string key, [NotNullWhen(true)] out int[]? value) =>
        TryGetArray(key, "an array of 32-bit integers", GgufNumbers.ToInt32Array, out value);

    /// <summary>An array of floating-point numbers of either width.</summary>
    public bool TryGetSingleArray(string key, [NotNullWhen(true)] out float[]? value) =>
        TryGetArray(key, "an array of numbers", GgufNumbers.ToSingleArray, out value);

    /// <summary>Elements of an array, or null when the key is missing; nothing is decoded.</summary>
    public int? ArrayLength(string key)
    {
        if (!_values.TryGetValue(key, out GgufValueLocation location))
            return null;
        if (location.Type != GgufValueType.Array)
            throw WrongKind(key, "an array");
        return GgufValueCodec.ArrayHeader(_section, location.Offset).Count;
    }

    /// <summary>Absolute file offset of a value.</summary>
    internal long OffsetOf(string key) => _sectionStart + _values[key].Offset;

    private bool TryGetArray<T>(string key, string kind, Func<object, T?> convert, [NotNullWhen(true)] out T? value)
        where T : class
    {
        value = TryDecode(key, out object? found) ? convert(found) ?? throw WrongKind(key, kind) : null;
        return value is not null;
    }

    private bool TryDecode(string key, [NotNullWhen(true)] out object? value)
    {
        value = _values.TryGetValue(key, out GgufValueLocation location) ? Decode(location) : null;
        return value is not null;
    }

    private object Decode(GgufValueLocation location)
    {
        int offset = location.Offset;
        return GgufValueCodec.Decode(_section, location.Type, ref offset);
    }

    private GgufFormatException Missing(string key) => new($"metadata key '{key}' is missing", _file);

    private GgufFormatException WrongKind(string key, string kind) =>
        new($"metadata key '{key}' is not {kind}", _file, OffsetOf(key));

    private GgufFormatException OutOfRange(string key, Int128 value, string kind) =>
        new($"metadata key '{key}' is {value}, which does not fit a {kind}", _file, OffsetOf(key));
}
