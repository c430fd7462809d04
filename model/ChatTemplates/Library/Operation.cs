using Cluster.Model.ChatTemplates.Values;

namespace Cluster.Model.ChatTemplates.Library;

/// <summary>A filter, test, method or function.</summary>
/// <param name="Name">As templates write it.</param>
/// <param name="Parameters">Names of the arguments that it takes; "*" as the last one takes any number of any.</param>
/// <param name="Body">What it does.</param>
internal sealed record Operation(string Name, string[] Parameters, Func<OperationCall, object?> Body)
{
    public object? Call(RenderContext context, object? subject, CallArguments arguments)
    {
        var isOpen = Parameters is [.., "*"];
        var count = isOpen ? Parameters.Length - 1 : Parameters.Length;
        if (!isOpen && arguments.Positional.Count > count) throw new TemplateValueException($"'{Name}' takes no more than {count} arguments");

        var bound = new object?[count];
        for (var i = 0; i < count; i++) bound[i] = i < arguments.Positional.Count ? arguments.Positional[i] : OperationCall.Missing;
        foreach (var (name, value) in arguments.Named)
        {
            var index = Array.IndexOf(Parameters, name);
            if (index >= 0 && name != "*") bound[index] = value;
            else if (!isOpen) throw new TemplateValueException($"'{Name}' takes no argument '{name}'");
        }

        return Body(new OperationCall(context, subject, bound, arguments));
    }
}
