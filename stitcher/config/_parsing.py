"""The parse methods as YAML has them, made of the options that each method's file declares: there is no second list."""

from dataclasses import MISSING, fields
from typing import TYPE_CHECKING, Annotated, Any, Literal, Union, get_type_hints

from pydantic import AfterValidator, BeforeValidator, Discriminator, Field, create_model

from stitcher.config._model import Model, fault
from stitcher.core.normalizer import Parser
from stitcher.errors import ConfigError
from stitcher.parsers.method import METHODS, module_of


class Method(Model):
    """What stands under `parse:`."""

    type: str = Field(description="the parse method")

    def options(self) -> Any:
        """As the method's file wants them."""
        module = module_of(self.type)
        return module.Options(**{one.name: getattr(self, one.name) for one in fields(module.Options)})

    def build(self) -> Parser:
        """The parser."""
        parser: Parser = module_of(self.type).make(self.options())
        return parser

    def names(self) -> tuple[str, ...]:
        """The source fields there may be; none, if that depends on the text."""
        module = module_of(self.type)
        known: tuple[str, ...] = module.names(self.options()) if hasattr(module, "names") else ()
        return known


def _model(name: str) -> type[Method]:
    options = module_of(name).Options
    hints = get_type_hints(options)
    given: dict[str, Any] = {"type": (Literal[name], Field(description="the parse method"))}
    for one in fields(options):
        default: dict[str, Any] = {}
        if one.default is not MISSING:
            default["default"] = one.default
        elif one.default_factory is not MISSING:
            default["default_factory"] = one.default_factory
        given[one.name] = (hints[one.name], Field(**default, description=one.metadata["description"]))
    made: type[Method] = create_model(name, __base__=Method, __doc__=f"The parse method {name}.", **given)
    return made


def _as_mapping(given: Any) -> Any:
    return {"type": given} if isinstance(given, str) else given


def _check_options(method: Method) -> Method:
    try:
        method.options()
    except (ValueError, ConfigError) as cause:
        raise fault(str(cause)) from cause
    return method


METHOD_MODELS = {name: _model(name) for name in METHODS}
if TYPE_CHECKING:
    Parse = Method
else:
    _ANY = Union[tuple(METHOD_MODELS.values())]  # noqa: UP007 - made of a list
    Parse = Annotated[
        _ANY,
        Discriminator("type"),
        AfterValidator(_check_options),
        BeforeValidator(_as_mapping, json_schema_input_type=str | _ANY),
    ]
