using System.Globalization;
using System.Text.Json;

namespace Cluster.Coordinator.Planning.Simulation;

/// <summary>A JSON object of which every property has to be known, and read. Errors name the place.</summary>
internal sealed class StrictObject
{
    private readonly Dictionary<string, JsonElement> _properties = [];
    private readonly string _path;

    /// <exception cref="FormatException">It is no object, or has a property that is not known or there twice.</exception>
    public StrictObject(JsonElement element, string path, params ReadOnlySpan<string> known)
    {
        _path = path;
        if (element.ValueKind != JsonValueKind.Object) throw new FormatException($"{(path.Length == 0 ? "it" : path)} is not an object");
        foreach (var property in element.EnumerateObject())
        {
            if (!known.Contains(property.Name)) throw new FormatException($"{Place(property.Name)} is not known; there can be {string.Join(", ", known)}");
            if (!_properties.TryAdd(property.Name, property.Value)) throw new FormatException($"{Place(property.Name)} is there twice");
        }
    }

    public string Place(string name) => _path.Length == 0 ? name : $"{_path}.{name}";

    public JsonElement? Find(string name) => _properties.TryGetValue(name, out var value) ? value : null;

    public JsonElement Get(string name) => Find(name) ?? throw new FormatException($"{Place(name)} is missing");

    public string Text(string name) =>
        Get(name) is { ValueKind: JsonValueKind.String } text && text.GetString() is { Length: > 0 and <= 64 } value && !value.Any(char.IsControl)
            ? value
            : throw new FormatException($"{Place(name)} is not a text of 1 to 64 printable characters");

    /// <summary>A finite number of at least <paramref name="least"/>.</summary>
    public double Number(string name, double least, double? otherwise = null)
    {
        if (otherwise is { } value && Find(name) is null) return value;
        return Get(name) is { ValueKind: JsonValueKind.Number } number && number.TryGetDouble(out var read) && read >= least && read <= 1e12
            ? read
            : throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"{Place(name)} is not a number from {least} to 1e12"));
    }

    public int WholeNumber(string name, int least, int most, int otherwise)
    {
        if (Find(name) is null) return otherwise;
        return Get(name) is { ValueKind: JsonValueKind.Number } number && number.TryGetInt32(out var read) && read >= least && read <= most
            ? read
            : throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"{Place(name)} is not a whole number from {least} to {most}"));
    }

    /// <summary>The elements of an array and their places; none when it may be missing.</summary>
    public IEnumerable<(JsonElement Element, string Path)> Items(string name, bool isRequired)
    {
        if (!isRequired && Find(name) is null) return [];
        return Get(name) is { ValueKind: JsonValueKind.Array } array
            ? array.EnumerateArray().Select((element, i) => (element, string.Create(CultureInfo.InvariantCulture, $"{Place(name)}[{i}]")))
            : throw new FormatException($"{Place(name)} is not an array");
    }
}
