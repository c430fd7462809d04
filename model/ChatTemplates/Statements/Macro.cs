using Cluster.Model.ChatTemplates.Values;

namespace Cluster.Model.ChatTemplates.Statements;

/// <summary>A function that a template defines: its value is what its body writes. It sees the names of the place where it is defined.</summary>
internal sealed class Macro(MacroSignature signature, Block body, Scope definedIn) : TemplateCallable
{
    /// <summary>What a <c>call</c> block hands over its body as.</summary>
    public const string Caller = "caller";

    public override object? Call(RenderContext context, CallArguments arguments)
    {
        context.Budget.Step();
        var parameters = signature.Parameters;
        if (arguments.Positional.Count > parameters.Count)
            throw new TemplateValueException($"macro '{signature.Name}' takes no more than {parameters.Count} arguments");

        var scope = new Scope(definedIn);
        foreach (var (name, value) in arguments.Named)
        {
            if (name != Caller && !parameters.Any(parameter => parameter.Name == name))
                throw new TemplateValueException($"macro '{signature.Name}' takes no argument '{name}'");
            scope.Set(name, value);
        }

        var line = context.Line;
        var text = context.Within(scope, inner =>
        {
            for (var i = 0; i < parameters.Count; i++) Bind(inner, i, arguments);
            return body.Capture(inner, scope);
        });
        context.Line = line;
        return text;
    }

    private void Bind(RenderContext context, int index, CallArguments arguments)
    {
        var (name, fallback) = signature.Parameters[index];
        if (index < arguments.Positional.Count) context.Scope.Set(name, arguments.Positional[index]);
        else if (!arguments.Named.Any(argument => argument.Key == name)) context.Scope.Set(name, fallback is null ? Undefined.Name(name) : fallback.Evaluate(context));
    }
}
