namespace Cluster.Model.ChatTemplates.Values;

/// <summary>Names of types for messages, as Python has them.</summary>
internal static class TypeNames
{
    public static string Of(object? value) => value switch
    {
        null => "None",
        Undefined => "undefined value",
        bool => "bool",
        long => "int",
        double => "float",
        string => "str",
        List<object?> => "list",
        TemplateTuple => "tuple",
        TemplateDictionary => "dict",
        TemplateGenerator => "generator",
        TemplateNamespace => "namespace",
        TemplateCallable => "function",
        _ => "object",
    };
}
