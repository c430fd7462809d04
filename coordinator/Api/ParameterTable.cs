using System.Text.Json;

namespace Cluster.Coordinator.Api;

/// <summary>All parameters of a kind of request.</summary>
/// <param name="required">Names of those that must be there.</param>
/// <param name="shared">Those that other kinds have too.</param>
/// <param name="own">The others.</param>
internal sealed class ParameterTable<T>(string[] required, Parameter<T>[] shared, Parameter<T>[] own) : IParameterTable
{
    private readonly Dictionary<string, Parameter<T>> _byName = shared.Concat(own).ToDictionary(static parameter => parameter.Name);

    public IEnumerable<(string Name, string Schema, string Description)> Parameters =>
        _byName.Values.Select(static parameter => (parameter.Name, parameter.Schema, parameter.Description));

    public IReadOnlyList<string> Required => required;

    /// <exception cref="ApiException">A parameter is unknown, missing or wrong; it is named.</exception>
    public T Read(JsonElement body, T request)
    {
        if (body.ValueKind != JsonValueKind.Object) throw new ApiException(ApiError.Invalid(null, "The body must be a JSON object."));

        var missing = required.ToHashSet();
        foreach (var property in body.EnumerateObject())
        {
            // As OpenAI's API has it: null is the same as not given.
            if (property.Value.ValueKind == JsonValueKind.Null) continue;
            if (!_byName.TryGetValue(property.Name, out var parameter))
                throw new ApiException(ApiError.Invalid(property.Name, $"Unrecognized request argument supplied: {property.Name}"));

            missing.Remove(property.Name);
            request = parameter.Apply(request, new JsonParameter(property.Name, property.Value));
        }

        return missing.Count == 0 ? request : throw new ApiException(ApiError.Invalid(missing.First(), $"'{missing.First()}' is required."));
    }
}
