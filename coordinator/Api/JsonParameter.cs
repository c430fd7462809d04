using System.Text.Json;

namespace Cluster.Coordinator.Api;

/// <summary>One parameter of a request's body, read as what it must be.</summary>
/// <param name="Name">As the client wrote it.</param>
/// <param name="Value">Not null.</param>
internal readonly record struct JsonParameter(string Name, JsonElement Value)
{
    public string Text() => Value.ValueKind == JsonValueKind.String ? Value.GetString()! : throw Wrong("it must be a text");

    public bool Boolean() => Value.ValueKind is JsonValueKind.True or JsonValueKind.False ? Value.GetBoolean() : throw Wrong("it must be true or false");

    public int Integer(int least) =>
        Value.ValueKind == JsonValueKind.Number && Value.TryGetInt32(out var number) && number >= least
            ? number
            : throw Wrong(least == int.MinValue ? "it must be a whole number" : $"it must be a whole number of at least {least}");

    public int Integer(int least, int most) => Integer(least) is var number && number <= most ? number : throw Wrong($"it must be at most {most}");

    public float Number() =>
        Value.ValueKind == JsonValueKind.Number && Value.TryGetSingle(out var number) && float.IsFinite(number) ? number : throw Wrong("it must be a number");

    /// <summary>A time of at most a week.</summary>
    public TimeSpan Seconds() => Number() is > 0 and <= 7 * 24 * 3600 and var seconds ? TimeSpan.FromSeconds(seconds) : throw Wrong("it must be above 0 and at most a week");

    /// <summary>Any 64-bit number; a negative one stands for its bits.</summary>
    public ulong Seed()
    {
        if (Value.ValueKind == JsonValueKind.Number)
        {
            if (Value.TryGetInt64(out var signed)) return unchecked((ulong)signed);
            if (Value.TryGetUInt64(out var unsigned)) return unsigned;
        }

        throw Wrong("it must be a whole number of 64 bits");
    }

    /// <summary>An array's elements, each under a name that tells its place.</summary>
    public IEnumerable<JsonParameter> Elements()
    {
        if (Value.ValueKind != JsonValueKind.Array) throw Wrong("it must be an array");
        var name = Name;
        return Value.EnumerateArray().Select((element, index) => new JsonParameter($"{name}[{index}]", element));
    }

    /// <summary>An object's entries by their own names.</summary>
    public JsonElement.ObjectEnumerator Properties() => Value.ValueKind == JsonValueKind.Object ? Value.EnumerateObject() : throw Wrong("it must be an object");

    /// <summary>Takes a text that changes nothing.</summary>
    public T Ignore<T>(T unchanged)
    {
        _ = Text();
        return unchanged;
    }

    public ApiException Wrong(string why) => new(ApiError.Invalid(Name, $"Invalid '{Name}': {why}."));
}
